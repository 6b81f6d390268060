using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Runs;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class HyperVWriterTests
{
    private static readonly Guid Id = new("3f2504e0-4f89-41d3-9a0c-0305e82c3301");

    [Theory]
    [InlineData(@"Backup Using Child Partition Snapshot\web01", MachineCapture.Online, "web01")]
    [InlineData(@"Online\web01", MachineCapture.Online, "web01")]
    [InlineData(@"Backup Using Saved State\web01", MachineCapture.SavedState, "web01")]
    [InlineData(@"Offline\web01", MachineCapture.SavedState, "web01")]
    [InlineData(@"ONLINE\Web 01 (copy)", MachineCapture.Online, "Web 01 (copy)")]
    [InlineData(@"Online\team\web01", MachineCapture.Online, @"team\web01")]
    [InlineData(@"Sicherung mit gespeichertem Zustand\web01", MachineCapture.Unknown, "web01")]
    [InlineData("web01", MachineCapture.Unknown, "web01")]
    public void Both_families_of_captions_tell_the_name_and_how_it_is_captured(
        string caption,
        MachineCapture capture,
        string name
    )
    {
        var machine = Assert.Single(HyperVWriter.Machines(Writer(Component(Id.ToString(), caption))));
        Assert.Equal((Id, capture, name), (machine.Id, machine.Capture, machine.Name));
    }

    [Theory]
    [InlineData(true, MachineCapture.SavedState)]
    [InlineData(null, MachineCapture.SavedState)]
    [InlineData(false, MachineCapture.Off)]
    public void What_is_offline_is_taken_for_a_pause_unless_it_is_known_not_to_run(
        bool? running,
        MachineCapture capture
    ) =>
        Assert.Equal(
            capture,
            HyperVWriter.Machines(Writer(Component(Id.ToString(), @"Offline\web01")), _ => running).Single().Capture
        );

    [Fact]
    public void Components_that_are_no_machines_are_kept_apart()
    {
        var writer = Writer(Component("Host Component", "Host Component"), Component(Id.ToString(), @"Online\web01"));
        Assert.Equal("web01", Assert.Single(HyperVWriter.Machines(writer)).Name);
        Assert.Equal("Host Component", Assert.Single(HyperVWriter.Others(writer)).Name);
    }

    [Fact]
    public void The_files_are_those_the_writer_lists_where_they_really_are()
    {
        Environment.SetEnvironmentVariable("HVBACKUP_TEST_ROOT", "/hv/C");
        var component = Component(Id.ToString(), @"Online\web01") with
        {
            Files = new[]
            {
                new WriterFile("%HVBACKUP_TEST_ROOT%/config/", Id + ".vmcx", false),
                new WriterFile("/hv/D/web01", "disk.vhdx", false),
                new WriterFile("/hv/D/web01", "*", true, "/hv/E/elsewhere"),
            },
        };
        Assert.Equal(
            new[]
            {
                new MachineFile("/hv/C/config", Id + ".vmcx", false),
                new MachineFile("/hv/D/web01", "disk.vhdx", false),
                new MachineFile("/hv/E/elsewhere", "*", true),
            },
            HyperVWriter.Machines(Writer(component)).Single().Files
        );
    }

    [Fact]
    public void The_component_is_selected_by_the_words_of_the_writer()
    {
        var component = Component(Id.ToString("D").ToUpperInvariant(), @"Online\web01") with { LogicalPath = "path" };
        var writer = Writer(component);
        var key = HyperVWriter.Machines(writer).Single().Component!;
        Assert.Equal(
            new ComponentKey(writer.InstanceId, HyperVWriter.ClassId, ComponentType.FileGroup, "path", component.Name),
            key
        );
    }

    [Theory]
    [InlineData("web*", "web01,web02,web[1]")]
    [InlineData("WEB01", "web01")]
    [InlineData("?b01", "db01")]
    [InlineData("*", "db01,web[1],web01,web02")]
    [InlineData("web[1]", "web[1]")]
    [InlineData("db01,web01", "db01,web01")]
    [InlineData("web01,web*", "web01,web02,web[1]")]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "web01")]
    [InlineData("{3F2504E0-4F89-41D3-9A0C-0305E82C3301}", "web01")]
    public void Machines_are_chosen_by_name_wildcard_or_id(string words, string names)
    {
        var chosen = HyperVSelection.Select(Offered(), words.Split(','));
        Assert.Equal(
            names.Split(',').Order(StringComparer.Ordinal),
            chosen.Select(machine => machine.Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Words_that_mean_no_machine_are_named_with_what_there_is()
    {
        var failure = Assert
            .Throws<BackupException>(() => HyperVSelection.Select(Offered(), new[] { "web01", "mail*", "x" }))
            .Failure;
        Assert.Equal(FailureKind.VirtualMachine, failure.Kind);
        Assert.Equal("'mail*', 'x'", failure.Target);
        Assert.Contains("db01, web01, web02, web[1]", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Listing_tells_the_machines_with_their_volumes_and_leaves_nothing()
    {
        var fixture = new VssFixture();
        fixture.Host.Machines.Add(FakeMachine.At("nas01", "/nas/nas01"));
        var machines = fixture.Provider.ListMachines();
        Assert.Equal(new[] { "db01", "nas01", "old01", "web01" }, machines.Select(machine => machine.Name));
        Assert.Equal(new[] { "/hv/C", "/hv/D", "/hv/E" }, machines[0].Volumes);
        Assert.Empty(machines[1].Volumes);
        Assert.Empty(fixture.Host.Leftovers());
    }

    [Fact]
    public void Listing_without_a_writer_says_so()
    {
        var fixture = new VssFixture();
        fixture.Host.HasHyperVWriter = false;
        fixture.Host.Host = new FakeHostFacts { IsClientWindows = true };
        Assert.Contains(
            "client editions of Windows",
            Assert.Throws<BackupException>(() => fixture.Provider.ListMachines()).Message,
            StringComparison.Ordinal
        );
        Assert.Empty(fixture.Host.Leftovers());
    }

    private static IReadOnlyList<HyperVMachine> Offered() =>
        HyperVWriter.Machines(
            Writer(
                Component(Id.ToString(), @"Online\web01"),
                Component(Guid.NewGuid().ToString(), @"Online\web02"),
                Component(Guid.NewGuid().ToString(), @"Offline\web[1]"),
                Component(Guid.NewGuid().ToString(), @"Online\db01")
            )
        );

    private static WriterMetadata Writer(params WriterComponent[] components) =>
        new(HyperVWriter.ClassId, Guid.NewGuid(), "Microsoft Hyper-V VSS Writer", components, "<x/>");

    private static WriterComponent Component(string name, string caption) =>
        new(ComponentType.FileGroup, null, name, caption, true, Array.Empty<WriterFile>());
}
