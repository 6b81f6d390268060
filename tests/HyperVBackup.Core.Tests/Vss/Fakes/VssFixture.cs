using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Plans;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Tests.Vss.Fakes;

/// <summary>A fake host with three disks and three virtual machines, and a provider for it.</summary>
internal sealed class VssFixture
{
    public VssFixture()
    {
        System = FakeVolume.At("/hv/C");
        Disks = FakeVolume.At("/hv/D");
        Data = FakeVolume.At("/hv/E", "/hv/C/mount/data");
        Host.Volumes.AddRange(new[] { System, Disks, Data });
        Web = FakeMachine.At("web01", "/hv/C/config/web01", "/hv/D/web01");
        Database = FakeMachine.At("db01", "/hv/C/config/db01", "/hv/D/db01", "/hv/E/db01");
        Old = FakeMachine.At("old01", "/hv/E/old01") with { Caption = "Offline" };
        Host.Machines.AddRange(new[] { Web, Database, Old });
        Host.Journal = Journal;
        Services = new VssServices { Factory = Host, Volumes = Host, Journal = Journal, Clock = Clock, Patience = Timeout.InfiniteTimeSpan };
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

    public ShadowRequest ForMachines(params FakeMachine[] machines) => new()
    {
        Id = Guid.NewGuid(),
        Sources = Array.Empty<ShadowSource>(),
        VirtualMachines = machines.Select(machine => machine.Id).ToList(),
    };

    public ShadowRequest ForFolders(params string[] folders) => new()
    {
        Id = Guid.NewGuid(),
        Sources = folders.Select(folder => new ShadowSource(folder, GlobFilter.All)).ToList(),
    };

    public VssShadowSession Create(ShadowRequest request) => Provider.Create(request, CancellationToken.None);
}
