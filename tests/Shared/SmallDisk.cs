using System;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Tests;

/// <summary>
/// A disk that nightly backups go to, until something happens to it: a <see cref="LoopVolume"/>, with all that it asks
/// for.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly LoopVolume _volume;

    private SmallDisk(LoopVolume volume) => _volume = volume;

    /// <summary>Where it is mounted.</summary>
    public string Path => _volume.Path;

    /// <summary>Bytes in use, as df tells them, when all is on the medium.</summary>
    public long Used => _volume.Used;

    /// <summary>Makes and mounts one.</summary>
    /// <param name="fileSystem">The file system.</param>
    /// <param name="megabytes">Its size.</param>
    /// <param name="options">For mkfs.</param>
    public static SmallDisk Mount(string fileSystem, int megabytes, params string[] options) =>
        new(LoopVolume.Mount(fileSystem, megabytes, options));

    /// <summary>Mounts it with other options.</summary>
    public void Change(string options) => _volume.Remount(options);

    /// <summary>As <see cref="LoopVolume.Reattach"/>.</summary>
    public void Remount() => _volume.Reattach();

    /// <summary>Backs a folder up to it, an hour after the last time.</summary>
    public RunResult Backup(
        string source,
        StateFolder state,
        FakeClock clock,
        IFileSystem? files = null,
        int workers = 0,
        Func<BackupPlan, BackupPlan>? change = null
    )
    {
        clock.UtcNow += TimeSpan.FromHours(1);
        files ??= FileSystems.Current;
        var journal = new ShadowJournal(FileSystems.Current, state);
        var plan = new BackupPlan
        {
            Name = "nightly",
            Shadow = new ShadowOptions { Provider = "copy" },
            Jobs = [new BackupJob { Source = source, Targets = [Path] }],
        };
        return BackupRun.Execute(
            change?.Invoke(plan) ?? plan,
            new RunContext
            {
                Files = files,
                Clock = clock,
                State = state,
                Journal = journal,
                Providers = ShadowProviders.OfThisHost(files, journal, clock),
                Workers = workers,
            },
            CancellationToken.None
        );
    }

    public void Dispose() => _volume.Dispose();
}
