using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// The host of the 2009 article in three folders: C with the configuration, D with system disks, E with data disks; and
/// its crosswise plan.
/// </summary>
internal sealed class MiniatureHost : IDisposable
{
    private readonly TempFolder _folder = new();

    public MiniatureHost()
    {
        Tree.Write(Path.Combine(Config, "vm1.xml"), "<vm name='web'/>");
        Tree.Write(Path.Combine(Config, "vm1.log"), "not a configuration");
        Tree.Write(Path.Combine(SystemDisks, "web.vhdx"), Tree.Noise(1, 9_000_000));
        Tree.Write(Path.Combine(SystemDisks, "readme.txt"), "system disks");
        Tree.Write(Path.Combine(DataDisks, "web-data.vhd"), Tree.Noise(2, 5_000_000));
        Tree.Write(Path.Combine(DataDisks, "sub", "db.avhdx"), Tree.Noise(3, 400_000));
        Files = FileSystems.Current;
    }

    public FakeClock Clock { get; } = new();

    public IFileSystem Files { get; set; }

    public string HostName { get; set; } = "HV1";

    public string Root => _folder;

    public string C => Path.Combine(_folder, "C");

    public string D => Path.Combine(_folder, "D");

    public string E => Path.Combine(_folder, "E");

    public string Config => Path.Combine(C, "ProgramData", "Hyper-V");

    public string SystemDisks => Path.Combine(D, "SystemVHD");

    public string DataDisks => Path.Combine(E, "DataVHD");

    public StateFolder State => new(Path.Combine(_folder, "state"));

    public BackupPlan Plan =>
        new()
        {
            Name = "nightly",
            Shadow = new ShadowOptions { Provider = "copy" },
            Jobs =
            [
                new BackupJob
                {
                    Source = Config,
                    Folder = "CFG",
                    Include = ["*.xml"],
                    Targets = [D, E],
                },
                new BackupJob
                {
                    Source = SystemDisks,
                    Folder = "VHD",
                    Targets = [E],
                },
                new BackupJob
                {
                    Source = DataDisks,
                    Folder = "VHD",
                    Targets = [D],
                },
            ],
        };

    public RunContext Context
    {
        get
        {
            var journal = new ShadowJournal(Files, State);
            return new RunContext
            {
                Files = Files,
                Clock = Clock,
                State = State,
                Journal = journal,
                Providers = ShadowProviders.OfThisHost(Files, journal, Clock),
                Host = HostName,
            };
        }
    }

    public RunResult Backup(BackupPlan? plan = null, CancellationToken cancel = default)
    {
        Clock.UtcNow += TimeSpan.FromHours(1);
        return BackupRun.Execute(plan ?? Plan, Context, cancel);
    }

    public IReadOnlyDictionary<string, SetInfo> Sets(string target) =>
        SetCatalogue.List(FileSystems.Current, target).ToDictionary(set => set.Set);

    public VerifyReport Verify(string target, string? set = null, bool quick = false) =>
        SetVerifier.Verify(
            FileSystems.Current,
            SetCatalogue.Choose(FileSystems.Current, target, set),
            quick,
            new HyperVBackup.Progress.MirrorProgress(),
            CancellationToken.None
        );

    public RestoreReport Restore(
        string target,
        string to,
        string? set = null,
        bool force = false,
        params string[] paths
    ) =>
        SetRestorer.Restore(
            Files,
            new RestoreRequest
            {
                Set = SetCatalogue.Choose(FileSystems.Current, target, set),
                Destination = to,
                Force = force,
                Paths = paths,
            },
            new HyperVBackup.Progress.MirrorProgress(),
            CancellationToken.None
        );

    /// <summary>
    /// Changes bytes of a file; its size and time stamp stay as they were, as those of an open virtual disk may.
    /// </summary>
    public static void ChangeQuietly(string path, long at, byte value)
    {
        // Through the seam: the framework would cut the time stamp to 100 ns.
        var before = FileSystems.Current.Find(path)!;
        using (var file = File.Open(path, FileMode.Open))
        {
            file.Position = at;
            file.WriteByte(value);
        }

        FileSystems.Current.SetMetadata(path, before);
    }

    public void Dispose() => _folder.Dispose();
}
