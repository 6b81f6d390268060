using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Tests.Vss.Fakes;

/// <summary>A fake host with three disks and three virtual machines, and a provider for it.</summary>
internal sealed class VssFixture
{
    public VssFixture(string root = "/hv")
    {
        System = FakeVolume.At(root + "/C");
        Disks = FakeVolume.At(root + "/D");
        Data = FakeVolume.At(root + "/E", root + "/C/mount/data");
        Host.Volumes.AddRange(new[] { System, Disks, Data });
        Web = FakeMachine.At("web01", root + "/C/config/web01", root + "/D/web01");
        Database = FakeMachine.At("db01", root + "/C/config/db01", root + "/D/db01", root + "/E/db01");
        Old = FakeMachine.At("old01", root + "/E/old01") with { Caption = "Offline" };
        Host.Machines.AddRange(new[] { Web, Database, Old });
        Host.Journal = Journal;
        Services = new VssServices
        {
            Factory = Host,
            Volumes = Host,
            Journal = Journal,
            Clock = Clock,
            Patience = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>
    /// The same host on real folders below <paramref name="root"/>: every folder of a machine holds a file, and shadow
    /// copies are copies, so that a backup can be run from beginning to end.
    /// </summary>
    public static VssFixture OnFolders(string root)
    {
        var fixture = new VssFixture(root);
        fixture.Host.ShadowFolder = Path.Combine(root, "shadows");
        Directory.CreateDirectory(fixture.Host.ShadowFolder);
        foreach (var volume in fixture.Host.Volumes)
            Directory.CreateDirectory(volume.MountPoints[0]);
        foreach (var machine in fixture.Host.Machines)
        {
            foreach (var folder in machine.Files.Select(file => file.Path))
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(
                    Path.Combine(
                        folder,
                        machine.Name + (folder.Contains("config", StringComparison.Ordinal) ? ".vmcx" : ".vhdx")
                    ),
                    "content of " + folder
                );
            }
        }

        return fixture;
    }

    public StrictVss Host { get; } = new();

    public MemoryJournal Journal { get; } = new();

    public FakeClock Clock { get; } = new();

    public FakeVolume System { get; }

    public FakeVolume Disks { get; }

    public FakeVolume Data { get; }

    public FakeMachine Web { get; }

    public FakeMachine Database { get; }

    public FakeMachine Old { get; }

    public VssServices Services { get; set; }

    public VssProvider Provider => new(Services);

    public ShadowRequest ForMachines(params FakeMachine[] machines) =>
        new()
        {
            Id = Guid.NewGuid(),
            Sources = Array.Empty<ShadowSource>(),
            VirtualMachines = machines.Select(machine => machine.Id).ToList(),
        };

    public ShadowRequest ForFolders(params string[] folders) =>
        new()
        {
            Id = Guid.NewGuid(),
            Sources = folders.Select(folder => new ShadowSource(folder, GlobFilter.All)).ToList(),
        };

    public VssShadowSession Create(ShadowRequest request) => Provider.Create(request, CancellationToken.None);
}
