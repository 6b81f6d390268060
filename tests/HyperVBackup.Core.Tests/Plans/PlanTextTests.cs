using System;
using System.IO;
using System.Linq;
using System.Reflection;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>Plans as text, and back.</summary>
public sealed class PlanTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_a_plan_can_say_comes_back_as_it_was()
    {
        foreach (var plan in new[] { Unusual(_folder), Keeping(_folder) })
            Assert.Equal(
                RunJson.ToToken(plan).ToString(),
                RunJson.ToToken(PlanJson.Parse(PlanText.Of(plan, "file:///plan.schema.json"), "a text")).ToString()
            );
    }

    [Fact]
    public void That_test_leaves_nothing_out()
    {
        foreach (
            var (unusual, standard) in new (object, object)[]
            {
                (Unusual(_folder), new BackupPlan()),
                (Unusual(_folder).Shadow, new ShadowOptions()),
                (Unusual(_folder).OnFailure!, new PlanCommand { Command = "" }),
                (Keeping(_folder).Keep!, new KeepRule()),
            }
        )
        foreach (
            var property in unusual
                .GetType()
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.Name is not (nameof(BackupPlan.File) or nameof(BackupPlan.Keep)))
        )
            Assert.True(
                !Equals(Words(property.GetValue(unusual)), Words(property.GetValue(standard))),
                property.DeclaringType!.Name
                    + "."
                    + property.Name
                    + " is as usual in Unusual(): give it another value there, and see that PlanText writes it."
            );
    }

    [Fact]
    public void What_people_go_on_with_comes_first_and_what_is_as_usual_is_left_out()
    {
        var plan = new BackupPlan
        {
            Name = "nightly",
            Jobs =
            [
                new BackupJob
                {
                    Source = _folder["VMs"],
                    Include = ["*.vhdx", "*.vmcx"],
                    Targets = [_folder["E"]],
                },
            ],
        };
        var path = (string name) => new JValue(_folder[name]).ToString(Newtonsoft.Json.Formatting.None);
        Assert.Equal(
            $$"""
            {
              "$schema": "plan.schema.json",
              "name": "nightly",
              "sets": ["SetA", "SetB"],
              "jobs": [
                {
                  "source": {{path("VMs")}},
                  "include": ["*.vhdx", "*.vmcx"],
                  "targets": [{{path("E")}}]
                }
              ],
              "verify": false
            }

            """.ReplaceLineEndings(),
            PlanText.Of(plan, "plan.schema.json")
        );
    }

    [Fact]
    public void Names_in_any_language_survive_the_file_and_those_that_no_file_can_hold_are_refused()
    {
        var plan = new BackupPlan
        {
            Name = "\u0159e\u0161en\u00ed \U0001F4BE",
            Jobs = [new BackupJob { Source = _folder["\u0159"], Targets = [_folder["E"]] }],
        };
        PlanFile.Write(FileSystems.Current, _folder["plan.json"], plan, null, false);
        var read = PlanFile.Read(_folder["plan.json"]);
        Assert.Equal((plan.Name, plan.Jobs[0].Source), (read.Name, read.Jobs[0].Source));
        Assert.Contains(plan.Name, File.ReadAllText(_folder["plan.json"]), StringComparison.Ordinal);
        var odd = plan with { Jobs = [plan.Jobs[0] with { Source = _folder["odd-\udc80"] }] };
        Assert.Equal(
            FailureKind.NotSupported,
            Assert
                .Throws<BackupException>(() =>
                    PlanFile.Write(FileSystems.Current, _folder["odd.json"], odd, null, false)
                )
                .Failure.Kind
        );
        Assert.False(File.Exists(_folder["odd.json"]));
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_when_that_is_asked_for()
    {
        var file = _folder.Write("plan.json", "mine");
        var plan = new BackupPlan { Name = "new" };
        var failure = Assert
            .Throws<BackupException>(() => PlanFile.Write(FileSystems.Current, file, plan, null, false))
            .Failure;
        Assert.Equal(
            (FailureKind.DestinationExists, "Choose another name, or replace it with -Force."),
            (failure.Kind, failure.Advice)
        );
        Assert.Equal("mine", File.ReadAllText(file));
        PlanFile.Write(FileSystems.Current, file, plan, null, true);
        Assert.Equal("new", PlanFile.Read(file).Name);
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder));
        Assert.Equal(
            FailureKind.DestinationExists,
            Assert
                .Throws<BackupException>(() =>
                    PlanFile.Write(FileSystems.Current, _folder.Folder("folder"), plan, null, true)
                )
                .Failure.Kind
        );
        Assert.Equal(
            FailureKind.FileMissing,
            Assert
                .Throws<BackupException>(() =>
                    PlanFile.Write(FileSystems.Current, _folder["no/plan.json"], plan, null, true)
                )
                .Failure.Kind
        );
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_plan_and_nothing_else()
    {
        var file = _folder.Write("plan.json", "old");
        foreach (var broken in new[] { "Write", "Flush", "Rename" })
        {
            var files = new FaultyFiles(FileSystems.Current)
            {
                Fail = (operation, _) => operation == broken ? FailureKind.DiskFull : null,
            };
            Assert.Equal(
                FailureKind.DiskFull,
                Assert
                    .Throws<BackupException>(() => PlanFile.Write(files, file, new BackupPlan(), null, true))
                    .Failure.Kind
            );
            Assert.Equal("old", File.ReadAllText(file));
            Assert.Equal([file], Directory.GetFileSystemEntries(_folder));
        }
    }

    [Fact]
    public void A_plan_with_commands_is_written_so_that_a_run_accepts_it_unless_its_folder_belongs_to_all()
    {
        Platform.NeedsPosix();
        FileTools.SetMode(_folder, "755");
        var tool = _folder.Write("alarm.sh", "#!/bin/sh\n");
        FileTools.SetMode(tool, "755");
        var plan = new BackupPlan
        {
            Jobs = [new BackupJob { Source = _folder.Folder("VMs"), Targets = [_folder.Folder("E")] }],
            OnFailure = new PlanCommand { Command = tool },
        };
        Assert.Empty(PlanFile.Write(FileSystems.Current, _folder["plan.json"], plan, null, false));
        Assert.Empty(PlanValidator.Validate(PlanFile.Read(_folder["plan.json"]), FileSystems.Current));
        var open = _folder.Folder("open");
        FileTools.SetMode(open, "777");
        Assert.Contains(
            "everybody may write to it",
            Assert
                .Single(PlanFile.Write(FileSystems.Current, PathOf.Join(open, "plan.json"), plan, null, false))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_cannot_be_read_is_told_from_what_is_no_plan()
    {
        Assert.True(Assert.Throws<PlanException>(() => PlanFile.Read(_folder["no.json"])).IsUnreadable);
        Assert.True(Assert.Throws<PlanException>(() => PlanFile.Read(_folder)).IsUnreadable);
        Assert.False(Assert.Throws<PlanException>(() => PlanFile.Read(_folder.Write("bad.json", "{"))).IsUnreadable);
    }

    // A plan in which nothing is as usual.
    private static BackupPlan Unusual(TempFolder folder) =>
        new()
        {
            Name = "nightly \"1\"",
            Sets = ["Mon", "Tue", "Wed"],
            Jobs =
            [
                new BackupJob
                {
                    Source = folder["VMs"],
                    Folder = "VHD",
                    Include = ["*.vhdx"],
                    Exclude = ["old\\*", "*.iso"],
                    Targets = [folder["D"], folder["E"]],
                },
            ],
            VirtualMachines = ["web*"],
            VirtualMachineTargets = [folder["E"]],
            OnlineOnly = true,
            SeparateSets = SeparateSets.Never,
            Shadow = new ShadowOptions
            {
                Provider = "vss",
                Timeout = TimeSpan.FromMinutes(25),
                Retries = 1,
                RetryDelay = TimeSpan.FromSeconds(5),
            },
            Verify = true,
            MaxBytesPerSecond = 100_000_000,
            TakeOver = true,
            PrivateSets = false,
            ShareBlocks = false,
            MaxDeletePercent = 20,
            EventLog = false,
            KeepLogs = 7,
            OnSuccess = new PlanCommand { Command = folder["ok"] },
            OnFailure = new PlanCommand
            {
                Command = folder["alarm"],
                Arguments = ["--mail", "a b"],
                Timeout = TimeSpan.FromSeconds(90),
            },
        };

    // A plan has sets that take turns, or a rule.
    private static BackupPlan Keeping(TempFolder folder) =>
        Unusual(folder) with
        {
            Sets = BackupPlan.DefaultSets,
            Keep = new KeepRule
            {
                Last = 1,
                Daily = 2,
                Weekly = 3,
                Monthly = 4,
                Yearly = 5,
            },
        };

    private static string Words(object? value) => value == null ? "" : RunJson.ToToken(value).ToString();
}
