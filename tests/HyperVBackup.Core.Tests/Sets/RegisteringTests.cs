using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Sets;
using HyperVBackup.Sets.Registering;
using HyperVBackup.Shadows;
using HyperVBackup.Tests.Disks;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>
/// Restored files become virtual machines again: with the restored disks, whatever the configuration says, and with
/// nothing left on the host when they do not fit it.
/// </summary>
public sealed class RegisteringTests : IDisposable
{
    private static readonly Guid Id = new("6d3f2c1a-0000-4000-8000-1234567890ab");
    private readonly MiniatureHost _host = new();
    private readonly FakeHyperV _hyperV = new();
    private readonly string _to;

    public RegisteringTests()
    {
        _to = At("restored");
        Write("C/Hyper-V/Virtual Machines/" + Id + ".vmcx");
        Write("C/Hyper-V/Snapshots/" + Guid.NewGuid() + ".vmcx");
        Write("C/Hyper-V/Virtual Machines/" + Id + "/readme.xml");
        Write("D/SystemVHD/web.vhdx");
        Write("E/DataVHD/data.vhdx");
        _hyperV.Disks.AddRange([@"D:\SystemVHD\web.vhdx", @"E:\DataVHD\data.vhdx"]);
    }

    private string Machine => Path.Combine(_to, "web01");

    private string SystemDisk => Path.Combine(Machine, "D", "SystemVHD", "web.vhdx");

    private string Data => Path.Combine(Machine, "E", "DataVHD", "data.vhdx");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void In_place_it_uses_the_restored_disks_and_keeps_its_id()
    {
        var registration = Register();
        Assert.Null(registration.Failure);
        Assert.Equal(
            ("web01", Id, true, false),
            (registration.Name, registration.Id, registration.IsRegistered, registration.IsCopy)
        );
        Assert.Equal([SystemDisk, Data], registration.Disks);
        Assert.Equal(["compare", "attach " + SystemDisk, "attach " + Data, "compare again", "import"], _hyperV.Calls);
        Assert.Empty(registration.Warnings);
    }

    [Fact]
    public void Even_where_the_live_disks_are_there_it_gets_the_restored_ones()
    {
        // As on the host it came from: nothing is missing, so Hyper-V has nothing to complain of.
        _hyperV.There.UnionWith(_hyperV.Disks);
        Assert.Equal([SystemDisk, Data], Register().Disks);
    }

    [Fact]
    public void Disks_of_checkpoints_are_attached_as_well()
    {
        Write("D/SystemVHD/web_checkpoint.avhdx");
        _hyperV.Disks.Add(@"D:\SystemVHD\web_checkpoint.avhdx");
        Assert.Contains(
            "attach " + Path.Combine(Machine, "D", "SystemVHD", "web_checkpoint.avhdx"),
            (Register(), _hyperV.Calls).Calls
        );
    }

    [Fact]
    public void A_disk_that_was_not_in_the_backup_stays_what_it_is_and_is_named()
    {
        _hyperV.Disks.Add(At("live.vhdx"));
        File.WriteAllText(At("live.vhdx"), "alive");
        var registration = Register();
        Assert.True(registration.IsRegistered);
        Assert.Equal(
            "web01 uses " + At("live.vhdx") + ", which is not among what was restored.",
            Assert.Single(registration.Warnings)
        );
    }

    [Fact]
    public void What_does_not_fit_the_host_is_reported_and_no_plan_is_left_there()
    {
        _hyperV.Reasons.Add(
            new MachineIncompatibility(
                "Could not find Ethernet switch 'Production'.",
                33012,
                "VMNetworkAdapter Network Adapter"
            )
        );
        var registration = Register();
        Assert.False(registration.IsRegistered);
        Assert.Equal(33012, Assert.Single(registration.Incompatibilities).MessageId);
        Assert.Equal(
            "web01: cannot register it: it does not fit this host: Could not find Ethernet switch 'Production' (33012)",
            registration.Failure!.Message
        );
        Assert.Contains("New-VMSwitch", registration.Failure.Advice);
        Assert.Equal("discard", _hyperV.Calls[^1]);
        Assert.DoesNotContain("import", _hyperV.Calls);
    }

    [Theory]
    [InlineData("compare")]
    [InlineData("attach")]
    [InlineData("compare again")]
    [InlineData("import")]
    public void Whatever_the_host_fails_at_the_failure_is_its_own_and_no_plan_is_left_there(string call)
    {
        _hyperV.FailAt = call;
        var registration = Register();
        Assert.False(registration.IsRegistered);
        Assert.Equal("the host said no", registration.Failure!.Cause);
        Assert.Equal(call != "compare", _hyperV.Calls.Contains("discard"));
        Assert.True(File.Exists(SystemDisk));
    }

    [Fact]
    public void One_whose_id_is_on_the_host_is_refused_before_anything_is_restored()
    {
        _hyperV.Machines[Id] = "web01 (old)";
        var failure = Assert
            .Throws<BackupException>(() =>
                Registrar(new ImportWishes { Configuration = "" }).Require(Assert.Single(Machines()))
            )
            .Failure;
        Assert.Contains("web01 (old)", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("-GenerateNewId", failure.Advice, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_to));
        Registrar(new ImportWishes { Configuration = "", GenerateNewId = true }).Require(Assert.Single(Machines()));
    }

    [Fact]
    public void A_copy_is_made_of_disks_in_one_folder_and_they_are_put_back()
    {
        _hyperV.Machines[Id] = "web01";
        var registration = Register(new ImportWishes { Configuration = "", GenerateNewId = true });
        Assert.Null(registration.Failure);
        Assert.True(registration.IsRegistered && registration.IsCopy);
        Assert.NotEqual(Id, registration.Id);
        // Hyper-V looks for each by its name, in this folder and, where it finds none, at the live place.
        Assert.Equal(["data.vhdx", "web.vhdx"], _hyperV.FoundInDiskFolder);
        Assert.True(File.Exists(SystemDisk) && File.Exists(Data));
        Assert.DoesNotContain(
            Directory.GetDirectories(Machine, "*", SearchOption.AllDirectories),
            folder => folder.Contains("import", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Disks_of_one_name_cannot_be_copied_and_stay_where_they_are()
    {
        Write("E/DataVHD/web.vhdx");
        var registration = Register(new ImportWishes { Configuration = "", Copy = true });
        Assert.Contains("have one name", registration.Failure!.Cause, StringComparison.Ordinal);
        Assert.Contains("in place", registration.Failure.Advice, StringComparison.Ordinal);
        Assert.Empty(_hyperV.Calls);
        Assert.True(File.Exists(SystemDisk));
    }

    [Fact]
    public void Configurations_in_copied_folders_are_registered_and_disks_found_through_the_folders_of_the_set()
    {
        var other = Guid.NewGuid();
        Write("C/Hyper-V/Virtual Machines/" + other + ".xml");
        var set = Backed();
        var jobs = set.Content!.Jobs.Select(job => job with { MachineId = "", Machine = "", Source = "/live" })
            .ToArray();
        set = set with { Content = set.Content with { Jobs = jobs } };
        var machines = RestoredMachine.Of(FileSystems.Current, Request(set));
        Assert.Equal(new[] { Id, other }.Order(), machines.Select(machine => machine.Id).Order());
        Restore(set);
        _hyperV.Disks.Clear();
        _hyperV.Disks.Add("/live/D/SystemVHD/web.vhdx");
        Assert.Equal(
            [SystemDisk],
            Registrar(new ImportWishes { Configuration = "" })
                .Register(machines.Single(machine => machine.Id == Id), _to)
                .Disks
        );
    }

    [Fact]
    public void Without_a_configuration_there_is_nothing_to_register()
    {
        File.Delete(At("source/web01/C/Hyper-V/Virtual Machines/" + Id + ".vmcx"));
        Assert.Contains(
            Id + ".vmcx is not among",
            Assert.Throws<BackupException>(() => Machines()).Failure.Cause,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is not among",
            Assert
                .Throws<BackupException>(() =>
                    RestoredMachine.Of(FileSystems.Current, Request(Backed()) with { Paths = ["*.vhdx"] })
                )
                .Failure.Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_newer_kind_of_configuration_counts_and_two_of_it_are_one_too_many()
    {
        Write("C/Hyper-V/Virtual Machines/" + Id + ".xml");
        Assert.EndsWith(".vmcx", Assert.Single(Machines()).Configuration, StringComparison.Ordinal);
        Write("D/Elsewhere/" + Id + ".vmcx");
        Assert.Contains(
            "several configurations",
            Assert.Throws<BackupException>(() => Machines()).Failure.Cause,
            StringComparison.Ordinal
        );
    }

    private string At(string relative) => Path.Combine(_host.Root, relative);

    private void Write(string relative) => Tree.Write(At("source/web01/" + relative), relative);

    private SetInfo Backed()
    {
        Assert.Equal(
            0,
            _host
                .Backup(
                    new BackupPlan
                    {
                        Name = "machines",
                        Shadow = new ShadowOptions { Provider = "copy" },
                        Jobs = [new BackupJob { Source = At("source/web01"), Targets = [_host.E] }],
                    }
                )
                .ExitCode % 3
        );
        var set = SetCatalogue.Choose(FileSystems.Current, _host.E, null);
        // As if the Hyper-V writer had listed these files.
        return set with
        {
            Content = set.Content! with
            {
                Jobs = set
                    .Content.Jobs.Select(job =>
                        job with
                        {
                            MachineId = Id.ToString("D"),
                            Machine = "web01",
                            Source = "vm:web01",
                        }
                    )
                    .ToArray(),
            },
        };
    }

    private RestoreRequest Request(SetInfo set) => new() { Set = set, Destination = _to };

    private IReadOnlyList<RestoredMachine> Machines() => RestoredMachine.Of(FileSystems.Current, Request(Backed()));

    private MachineRegistrar Registrar(ImportWishes wishes) => new(FileSystems.Current, _hyperV, wishes);

    private void Restore(SetInfo set) =>
        Assert.Equal(
            0,
            SetRestorer
                .Restore(FileSystems.Current, Request(set), new MirrorProgress(), CancellationToken.None)
                .ExitCode
        );

    private MachineRegistration Register(ImportWishes? wishes = null)
    {
        var set = Backed();
        var machine = Assert.Single(RestoredMachine.Of(FileSystems.Current, Request(set)));
        Restore(set);
        return Registrar(wishes ?? new ImportWishes { Configuration = "" }).Register(machine, _to);
    }

    /// <summary>
    /// A Hyper-V host with one planned machine at most, as Compare-VM and Import-VM are described: disks that are not
    /// there are reasons, and reasons forbid the import.
    /// </summary>
    private sealed class FakeHyperV : IHyperVHost, IPlannedMachine
    {
        private readonly List<string> _paths = [];
        private ImportWishes? _import;

        public List<string> Disks { get; } = [];

        public HashSet<string> There { get; } = [];

        public List<MachineIncompatibility> Reasons { get; } = [];

        public Dictionary<Guid, string> Machines { get; } = [];

        public List<string> Calls { get; } = [];

        public List<string> FoundInDiskFolder { get; private set; } = [];

        public string FailAt { get; set; } = "";

        public string Name => "web01";

        IReadOnlyList<PlannedDisk> IPlannedMachine.Disks =>
            _paths.Select((path, i) => new PlannedDisk(path, i)).ToList();

        public IReadOnlyList<MachineIncompatibility> Incompatibilities =>
            [
                .. Reasons,
                .. _paths
                    .Where(path => !File.Exists(path) && !There.Contains(path))
                    .Select(path => new MachineIncompatibility("Cannot find " + path, 40010, path)),
            ];

        public void Require() { }

        public string? NameOf(Guid id) => Machines.GetValueOrDefault(id);

        public IPlannedMachine Plan(ImportWishes import)
        {
            Call("compare");
            Assert.True(File.Exists(import.Configuration));
            _import = import;
            _paths.Clear();
            _paths.AddRange(
                Disks.Select(path =>
                    import.DiskFolder.Length == 0
                        ? path
                        : Path.Combine(import.DiskFolder, path[(path.LastIndexOf('\\') + 1)..])
                )
            );
            return this;
        }

        public void Attach(PlannedDisk disk, string path)
        {
            Call("attach", " " + path);
            _paths[(int)disk.Handle] = path;
        }

        public void Check() => Call("compare again");

        public (Guid Id, IReadOnlyList<string> Disks) Import()
        {
            Call("import");
            Assert.Empty(Incompatibilities);
            if (_import!.DiskFolder.Length == 0)
                return (Id, _paths.ToList());
            FoundInDiskFolder = Directory
                .GetFiles(_import.DiskFolder)
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
                .ToList();
            return (_import.GenerateNewId ? Guid.NewGuid() : Id, []);
        }

        public void Discard() => Calls.Add("discard");

        private void Call(string call, string about = "")
        {
            Calls.Add(call + about);
            if (FailAt == call)
                throw new BackupException(FailureKind.VirtualMachine, "web01", call, "the host said no");
        }
    }
}
