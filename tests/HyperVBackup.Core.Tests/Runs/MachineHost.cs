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
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// The model of VSS on real folders, with a plan for all of its machines and one target: what tests of single machines
/// need.
/// </summary>
internal sealed class MachineHost : IDisposable
{
    public const int NonRetryable = unchecked((int)0x800423F4);
    private readonly TempFolder _folder = new();

    public MachineHost()
    {
        Platform.NeedsPosix();
        Vss = VssFixture.OnFolders(_folder);
        Target = Folder("F");
    }

    public VssFixture Vss { get; }

    public string Target { get; }

    public BackupPlan Plan =>
        new()
        {
            Name = "machines",
            VirtualMachines = ["*"],
            VirtualMachineTargets = [Target],
        };

    public RunContext Context =>
        new()
        {
            Files = FileSystems.Current,
            Clock = Vss.Clock,
            State = new StateFolder(Path.Combine(_folder, "state")),
            Journal = Vss.Journal,
            Providers = new ShadowProviders([Vss.Provider]),
            Host = "HV1",
        };

    public void Dispose()
    {
        Assert.Empty(Vss.Host.Leftovers());
        Assert.Empty(Vss.Journal.Entries());
        _folder.Dispose();
    }

    /// <summary>A folder of the host, made if it is not there.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>A machine with one disk, whose content tells which it is.</summary>
    public FakeMachine Make(string name, string folder)
    {
        var machine = FakeMachine.At(
            name,
            Path.Combine(_folder, "C", "config", folder),
            Path.Combine(_folder, "D", folder)
        );
        foreach (var path in machine.Files.Select(file => file.Path))
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, "disk.bin"), folder);
        }

        return machine;
    }

    public void Machines(params FakeMachine[] machines)
    {
        Vss.Host.Machines.Clear();
        Vss.Host.Machines.AddRange(machines);
    }

    public RunResult Backup(BackupPlan? plan = null) =>
        BackupRun.Execute(plan ?? Plan, Context, CancellationToken.None);

    public PlanCheck Check(BackupPlan? plan = null) => PlanCheck.Of(plan ?? Plan, Context, CancellationToken.None);

    public SetInfo Set(string name, string? target = null) =>
        SetCatalogue.Find(FileSystems.Current, target ?? Target, name)!;

    /// <summary>The machines that a set has a copy of, by id: its folder, and the content of its disk.</summary>
    public IReadOnlyDictionary<Guid, (string Folder, string Content)> Copies(string set) =>
        Set(set)
            .Jobs.ToDictionary(
                job => Guid.Parse(job.MachineId),
                job =>
                    (
                        job.Folder,
                        File.ReadAllText(
                            Directory.GetFiles(
                                Path.Combine(Set(set).Path, job.Folder),
                                "disk.bin",
                                SearchOption.AllDirectories
                            )[0]
                        )
                    )
            );

    public VerifyReport Verify(string set) =>
        SetVerifier.Verify(FileSystems.Current, Set(set), false, new MirrorProgress(), CancellationToken.None);

    public RestoreReport Restore(string set, string machine, string to) =>
        SetRestorer.Restore(
            FileSystems.Current,
            new RestoreRequest
            {
                Set = Set(set),
                Destination = Path.Combine(_folder, to),
                Machines = [machine],
            },
            new MirrorProgress(),
            CancellationToken.None
        );
}
