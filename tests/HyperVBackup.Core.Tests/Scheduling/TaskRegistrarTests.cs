using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Scheduling;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Scheduling;

/// <summary>Registering and removing, with a Task Scheduler that a test makes up.</summary>
public sealed class TaskRegistrarTests
{
    private readonly FakeScheduler _scheduler = new();

    [Fact]
    public void A_new_task_is_registered_and_said_to_be_new()
    {
        var task = TaskXmlTests.Task();
        Assert.False(TaskRegistrar.Replaces(_scheduler, task.Address));
        var registered = TaskRegistrar.Register(_scheduler, task, false);
        Assert.Equal((TaskXml.Write(task), false), _scheduler.Registered[@"\HyperVBackup\nightly"]);
        Assert.Equal(
            ("nightly", @"\HyperVBackup\", false, "SYSTEM", "every day at 02:00"),
            (registered.TaskName, registered.TaskPath, registered.Replaced, registered.Account, registered.Schedule)
        );
        Assert.Equal(new DateTime(2026, 1, 30, 2, 0, 0), registered.NextRun);
    }

    [Fact]
    public void One_of_ours_is_replaced()
    {
        _scheduler.Found = new TaskFound("HyperVBackup");
        Assert.True(TaskRegistrar.Replaces(_scheduler, TaskXmlTests.Task().Address));
        Assert.True(TaskRegistrar.Register(_scheduler, TaskXmlTests.Task(), true).Replaced);
        Assert.True(_scheduler.Registered[@"\HyperVBackup\nightly"].Replaces);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Contoso")]
    public void One_of_somebody_else_is_neither_replaced_nor_removed(string source)
    {
        _scheduler.Found = new TaskFound(source);
        var address = TaskXmlTests.Task().Address;
        Assert.Equal(
            FailureKind.DestinationExists,
            Assert.Throws<BackupException>(() => TaskRegistrar.Replaces(_scheduler, address)).Failure.Kind
        );
        Assert.Equal(
            FailureKind.DestinationExists,
            Assert.Throws<BackupException>(() => TaskRegistrar.RequireRemovable(_scheduler, address)).Failure.Kind
        );
    }

    [Fact]
    public void One_that_is_not_there_cannot_be_removed()
    {
        var failure = Assert
            .Throws<BackupException>(() => TaskRegistrar.RequireRemovable(_scheduler, TaskXmlTests.Task().Address))
            .Failure;
        Assert.Equal(FailureKind.TaskMissing, failure.Kind);
        Assert.Contains(@"Get-ScheduledTask -TaskPath '\HyperVBackup\'", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_type_of_a_clustered_task_stays()
    {
        _scheduler.Found = new TaskFound("HyperVBackup", ClusteredTaskType.ClusterWide);
        var refused = Assert.Throws<BackupException>(() =>
            TaskRegistrar.Replaces(_scheduler, TaskAddress.Clustered(".", "nightly", ClusteredTaskType.AnyNode, null))
        );
        Assert.Contains("of the type ClusterWide", refused.Message, StringComparison.Ordinal);
        Assert.True(
            TaskRegistrar.Replaces(
                _scheduler,
                TaskAddress.Clustered(".", "nightly", ClusteredTaskType.ClusterWide, null)
            )
        );
    }

    [Theory]
    [InlineData("HRESULT 0x80070005,Register-ScheduledTask", FailureKind.NotElevated, "Run as administrator")]
    [InlineData("HRESULT 0x8007052e,Register-ScheduledTask", FailureKind.AccessDenied, "name and password")]
    [InlineData("HRESULT 0x80070534,Register-ScheduledTask", FailureKind.AccessDenied, "CONTOSO\\backup")]
    [InlineData("HRESULT 0x80070569,Register-ScheduledTask", FailureKind.AccessDenied, "Log on as a batch job")]
    [InlineData("HRESULT 0x80070002,Register-ScheduledTask", FailureKind.TaskMissing, "Get-ScheduledTask")]
    [InlineData("HRESULT 0x80041318,Register-ScheduledTask", FailureKind.TaskRefused, "TaskScheduler/Operational")]
    [InlineData("SomethingElse", FailureKind.TaskRefused, "TaskScheduler/Operational")]
    public void What_Task_Scheduler_says_becomes_a_failure_with_advice(string errorId, FailureKind kind, string advice)
    {
        var failure = TaskErrors.Of(errorId, "It does not work.\r\n", false, @"\a", "register it").Failure;
        Assert.Equal((kind, "It does not work"), (failure.Kind, failure.Cause));
        Assert.Contains(advice, failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_without_a_number_is_known_by_its_category() =>
        Assert.Equal(
            FailureKind.NotElevated,
            TaskErrors.Of("Denied", "Zugriff verweigert", true, @"\a", "register it").Failure.Kind
        );

    [Theory]
    [InlineData(null, @"\HyperVBackup\n")]
    [InlineData(@"\", @"\n")]
    [InlineData("Backup", @"\Backup\n")]
    [InlineData(@"\a/b\", @"\a\b\n")]
    public void The_folder_may_be_written_in_any_way(string? path, string address) =>
        Assert.Equal(address, TaskAddress.Local(path, "n").ToString());

    [Theory]
    [InlineData("a:b", null)]
    [InlineData("a/b", null)]
    [InlineData(" a", null)]
    [InlineData("", null)]
    [InlineData("a", @"\b\\c\")]
    [InlineData("a", @"\b*\")]
    public void Names_that_cannot_be_are_refused(string name, string? path) =>
        Assert.Throws<PlanException>(() => TaskAddress.Local(path, name));

    [Fact]
    public void Type_and_resource_of_a_clustered_task_go_together()
    {
        Assert.Throws<PlanException>(() =>
            TaskAddress.Clustered("HVC1", "n", ClusteredTaskType.ResourceSpecific, null)
        );
        Assert.Throws<PlanException>(() => TaskAddress.Clustered("HVC1", "n", ClusteredTaskType.AnyNode, "Disk 1"));
        Assert.Equal(
            "n on the cluster HVC1",
            TaskAddress.Clustered("HVC1", "n", ClusteredTaskType.ResourceSpecific, "Disk 1").ToString()
        );
    }

    [Theory]
    [InlineData("plans/nightly.json", "666", "(file)")]
    [InlineData("plans", "777", "(file)")]
    [InlineData("modules/HyperVBackup", "777", "module")] // whoever may add a newer version there
    [InlineData("modules/HyperVBackup/0.1.0", "777", "module")]
    [InlineData("modules/HyperVBackup/0.1.0/lib/HyperVBackup.Core.dll", "666", "module")]
    public void What_others_may_write_to_is_not_run_with_all_rights(string path, string mode, string property)
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        folder.Folder("source");
        folder.Folder("target");
        var file = folder.Write(
            "plans/nightly.json",
            """{ "jobs": [ { "source": "../source", "targets": "../target" } ] }"""
        );
        var manifest = folder.Write("modules/HyperVBackup/0.1.0/HyperVBackup.psd1", "@{}");
        folder.Write("modules/HyperVBackup/0.1.0/lib/HyperVBackup.Core.dll", "MZ");
        var plan = PlanJson.Parse(System.IO.File.ReadAllText(file), file, PathOf.Parent(file));
        var task = TaskXmlTests.Task() with { Plan = file, Manifest = manifest };
        foreach (
            var name in new[]
            {
                "plans",
                "modules/HyperVBackup",
                "modules/HyperVBackup/0.1.0",
                "modules/HyperVBackup/0.1.0/lib",
            }
        )
            FileTools.SetMode(folder[name], "755");
        Assert.Empty(TaskTrust.Problems(plan, task, FileSystems.Current));
        FileTools.SetMode(folder[path], mode);
        var problem = Assert.Single(TaskTrust.Problems(plan, task, FileSystems.Current));
        Assert.Equal(property, problem.Property);
        Assert.Contains("cannot run it with all rights", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shell_that_others_may_write_to_runs_nothing_with_all_rights()
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        folder.Folder("source");
        folder.Folder("target");
        var file = folder.Write(
            "plans/nightly.json",
            """{ "jobs": [ { "source": "../source", "targets": "../target" } ] }"""
        );
        var plan = PlanJson.Parse(System.IO.File.ReadAllText(file), file, PathOf.Parent(file));
        var task = TaskXmlTests.Task() with
        {
            Plan = file,
            Manifest = folder.Write("module/HyperVBackup.psd1", "@{}"),
            Shell = folder.Write("shell/pwsh", ""),
        };
        Assert.Empty(TaskTrust.Problems(plan, task, FileSystems.Current));
        FileTools.SetMode(folder["shell"], "777");
        Assert.Equal("Shell", Assert.Single(TaskTrust.Problems(plan, task, FileSystems.Current)).Property);
    }

    private sealed class FakeScheduler : ITaskScheduler
    {
        public TaskFound? Found { get; set; }

        public Dictionary<string, (string Xml, bool Replaces)> Registered { get; } = [];

        public TaskFound? Find(TaskAddress task) => Found;

        public void Register(TaskAddress task, string xml, bool replaces) =>
            Registered[task.ToString()] = (xml, replaces);

        public void Unregister(TaskAddress task) => Registered.Remove(task.ToString());
    }
}
