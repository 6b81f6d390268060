using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Walking;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// The shadow providers of this machine over a state folder of a test's own, and backups through them.
/// </summary>
internal sealed class ShadowHost : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();

    public ShadowHost()
    {
        Files = FileSystems.Current;
        Directory.CreateDirectory(Target);
    }

    /// <summary>What backups work with; a test may put faults or waits in between.</summary>
    public IFileSystem Files { get; set; }

    public string Target => _folder["E"];

    public string Mounts => _folder["mounts"];

    public StateFolder State => new(_folder["state"]);

    public IShadowJournal Journal => new ShadowJournal(FileSystems.Current, State);

    public ShadowProviders Providers => ShadowProviders.OfThisHost(Files, Journal, _clock);

    public BtrfsProvider Btrfs => new(Files, Journal, _clock);

    public ReflinkProvider Reflink => new(Files, Journal, _clock);

    public RunContext Context =>
        new()
        {
            Files = Files,
            Clock = _clock,
            State = State,
            Journal = Journal,
            Providers = Providers,
        };

    /// <summary>A folder in a set.</summary>
    public string InSet(string set, string folder) => Path.Combine(Target, "Backup-" + set, folder);

    /// <summary>Backs folders up, an hour after the last time.</summary>
    public RunResult Backup(string provider, params string[] sources) => Backup(provider, [], sources);

    /// <summary>The same, without some files and folders.</summary>
    public RunResult Backup(string provider, string[] exclude, params string[] sources)
    {
        _clock.UtcNow += TimeSpan.FromHours(1);
        var plan = new BackupPlan
        {
            Shadow = new ShadowOptions { Provider = provider },
            Jobs = sources
                .Select(source => new BackupJob
                {
                    Source = source,
                    Targets = [Target],
                    Exclude = exclude,
                })
                .ToArray(),
        };
        return BackupRun.Execute(plan, Context, CancellationToken.None);
    }

    /// <summary>A request for these folders, whole.</summary>
    public static ShadowRequest Request(params string[] folders) =>
        new() { Id = Guid.NewGuid(), Sources = folders.Select(Whole).ToArray() };

    public static ShadowSource Whole(string folder) => new(folder, GlobFilter.All);

    /// <summary>What the journal names.</summary>
    public IReadOnlyList<JournalSnapshot> Journaled => Journal.Entries().SelectMany(entry => entry.Snapshots).ToList();

    public void Dispose() => _folder.Dispose();
}
