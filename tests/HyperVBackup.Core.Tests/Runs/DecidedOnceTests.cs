using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Vss.Fakes;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// What a run would do is decided once: whatever it refuses a check of the plan calls a problem, in the same words; and
/// what it warns of before it freezes anything, the check warns of.
/// </summary>
public sealed class DecidedOnceTests : IDisposable
{
    // The same in the tense of the check, and of the run.
    private static readonly (string Ahead, string Done)[] Tenses =
    [
        (
            "Nothing would be frozen: the live files would be copied, and only files that change while they are read "
                + "would be noticed.",
            "Nothing was frozen: the live files were copied, and only files that changed while they were read would "
                + "have been noticed."
        ),
        ("a run would write ", "this run wrote "),
        ("This host has no such ", "NOT backed up, because this host has no such "),
        (" would NOT be backed up: ", " was NOT backed up: "),
    ];

    // Of each: what stands in the way, or what is to be known; neither: the run is as good as any.
    private static readonly Dictionary<
        string,
        (Func<MiniatureHost, BackupPlan> Arrange, FailureKind? Refused, string? Warned)
    > Situations = new()
    {
        ["nothing is wrong"] = (Plan, null, null),
        ["a target is missing"] = (
            host => After(host, () => Directory.Delete(host.D, true)),
            FailureKind.TargetMissing,
            null
        ),
        ["both targets are missing"] = (
            host =>
                After(
                    host,
                    () =>
                    {
                        Directory.Delete(host.D, true);
                        Directory.Delete(host.E, true);
                    }
                ),
            FailureKind.TargetMissing,
            null
        ),
        ["a target is a file"] = (
            host =>
                After(
                    host,
                    () =>
                    {
                        Directory.Delete(host.D, true);
                        File.WriteAllText(host.D, "");
                    }
                ),
            FailureKind.BadPlan,
            null
        ),
        ["the sets are of another host"] = (
            host =>
            {
                Good(host);
                host.HostName = "HV2";
                return Plan(host);
            },
            FailureKind.ForeignSet,
            null
        ),
        ["the sets are of another plan"] = (
            host =>
            {
                Good(host);
                return Plan(host) with { Name = "weekly", Sets = ["SetA", "other"] };
            },
            FailureKind.ForeignSet,
            null
        ),
        ["a set is of a newer program"] = (
            host =>
            {
                Good(host);
                var state = SetLayout.StateFileOf(SetLayout.SetFolder(host.E, "SetA"));
                var json = JObject.Parse(File.ReadAllText(state));
                json["schema"] = SetState.CurrentSchema + 1;
                File.WriteAllText(state, json.ToString());
                return Plan(host);
            },
            FailureKind.NotSupported,
            null
        ),
        ["a set cannot be read now"] = (
            host =>
            {
                Good(host);
                host.Files = new FaultyFiles(FileSystems.Current)
                {
                    Fail = (operation, path) =>
                        operation == "OpenRead" && path == SetLayout.StateFileOf(SetLayout.SetFolder(host.E, "SetA"))
                            ? FailureKind.AccessDenied
                            : null,
                };
                return Plan(host);
            },
            FailureKind.AccessDenied,
            null
        ),
        ["a target lost its sets"] = (
            host =>
            {
                Good(host);
                Directory.Delete(Path.Combine(host.E, "Backup-SetA"), true);
                return Plan(host);
            },
            null,
            " holds no sets, but run 1 wrote SetA there."
        ),
        ["a verification found damage in different sets"] = (
            host =>
            {
                Good(host);
                Good(host);
                Spoil(host, host.D, "SetA");
                Spoil(host, host.E, "SetB");
                return Plan(host);
            },
            null,
            "The targets have good sets of different names"
        ),
        ["others may write to a target"] = (
            host => After(host, () => FileTools.SetMode(host.E, "777")),
            null,
            "everybody may write to it"
        ),
        ["others may write to the state folder"] = (
            host =>
            {
                Good(host);
                FileTools.SetMode(host.State.Path, "777");
                return Plan(host);
            },
            null,
            "everybody may write to it"
        ),
        ["an entry of the journal may be anybody's"] = (
            host =>
            {
                Good(host);
                Directory.CreateDirectory(host.State.Shadows);
                var entry = Path.Combine(host.State.Shadows, Guid.Empty + ".json");
                File.WriteAllText(entry, "{}");
                FileTools.SetMode(entry, "666");
                return Plan(host);
            },
            null,
            "anybody could have put it there"
        ),
        ["a source is missing"] = (
            host => After(host, () => Directory.Delete(host.Config, true)),
            FailureKind.BadPlan,
            null
        ),
        ["a source was emptied"] = (
            host =>
            {
                Good(host);
                File.Delete(Path.Combine(host.Config, "vm1.xml"));
                return Plan(host);
            },
            FailureKind.SourceMissing,
            null
        ),
        ["the provider cannot be used"] = (
            host => Plan(host) with { Shadow = new ShadowOptions { Provider = "vss" } },
            FailureKind.ProviderUnavailable,
            null
        ),
        ["nothing can be frozen"] = (
            host =>
            {
                host.Files = new FaultyFiles(FileSystems.Current)
                {
                    Volume = (_, volume) => volume with { ClonesBlocks = false },
                };
                return Plan(host) with { Shadow = new ShadowOptions() };
            },
            null,
            "frozen: "
        ),
        ["nobody can tell whose a set is that was named by its time"] = (
            host =>
            {
                Tree.Write(
                    SetLayout.StateFileOf(
                        SetLayout.SetFolder(host.E, SetNames.OfTime(DateTime.UnixEpoch, TimeZoneInfo.Utc, _ => false))
                    ),
                    "spoilt"
                );
                return Plan(host) with { Keep = new KeepRule { Last = 2 } };
            },
            null,
            null
        ),
    };

    private readonly MiniatureHost _host = new();

    public static TheoryData<string> Names => [.. Situations.Keys];

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_check_says_what_the_run_then_says(string situation)
    {
        Platform.NeedsPosix();
        var (arrange, refused, warned) = Situations[situation];
        var plan = arrange(_host);
        var check = PlanCheck.Of(plan, _host.Context, CancellationToken.None);
        RunResult? result = null;
        try
        {
            result = BackupRun.Execute(plan, _host.Context, CancellationToken.None);
        }
        catch (PlanException e)
        {
            Assert.Equal(FailureKind.BadPlan, refused);
            Assert.All(e.Problems, problem => Assert.Contains(problem, check.Problems));
        }

        if (result != null)
            AssertSame(result, check);
        if (refused == null)
            Assert.True(check.IsValid == (result!.Failures.Count == 0), string.Join("; ", check.Problems));
        else if (result != null)
            Assert.Equal(refused, Assert.Single(result.Failures).Kind);
        if (warned != null)
            Assert.Contains(result!.Warnings, warning => warning.Contains(warned, StringComparison.Ordinal));
    }

    [Fact]
    public void Machines_that_are_left_out_are_named_by_both()
    {
        using var host = new MachineHost();
        host.Machines(
            host.Make("web", "web"),
            FakeMachine.At("inside", Directory.CreateDirectory(Path.Combine(host.Target, "inside")).FullName)
        );
        var plan = host.Plan with { VirtualMachines = ["web", "inside", "gone"] };
        var check = host.Check(plan);
        var result = host.Backup(plan);
        AssertSame(result, check);
        Assert.Empty(result.Failures);
        Assert.Contains(check.Warnings, warning => warning.Contains("'gone'", StringComparison.Ordinal));
        Assert.Contains(
            check.Warnings,
            warning => warning.StartsWith("The virtual machine inside would NOT", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("inside")]
    [InlineData("gone")]
    public void Without_any_other_machine_they_are_refused_by_both(string word)
    {
        using var host = new MachineHost();
        host.Machines(
            FakeMachine.At("inside", Directory.CreateDirectory(Path.Combine(host.Target, "inside")).FullName)
        );
        var plan = host.Plan with { VirtualMachines = [word] };
        var check = host.Check(plan);
        var result = host.Backup(plan);
        Assert.Single(result.Failures);
        AssertSame(result, check);
    }

    [Fact]
    public void Who_holds_a_lock_that_a_run_would_be_refused_for_is_a_warning_as_it_will_be_free_again()
    {
        using var held = RunLock.Take(FileSystems.Current, RunLock.OnTarget(_host.D), "other", _host.Clock.UtcNow);
        var check = PlanCheck.Of(Plan(_host), _host.Context, CancellationToken.None);
        var failure = Assert.Single(_host.Backup(Plan(_host)).Failures);
        Assert.Contains("'other'", failure.Message, StringComparison.Ordinal);
        Assert.Contains(check.Warnings, warning => warning.Contains("'other'", StringComparison.Ordinal));
        Assert.Empty(check.Problems);
    }

    private static void AssertSame(RunResult result, PlanCheck check)
    {
        var problems = check.Problems.Select(problem => problem.Message).ToList();
        Assert.All(result.Failures, failure => Assert.Contains(failure.Message + ". " + failure.Advice, problems));
        var warnings = check.Warnings.Select(InTheTenseOfTheRun).ToList();
        Assert.All(
            result.Warnings,
            warning =>
                // What becomes of an older copy only shows when it is kept.
                Assert.Contains(warning.Replace("The set has no copy of it. ", "", StringComparison.Ordinal), warnings)
        );
    }

    private static string InTheTenseOfTheRun(string warning) =>
        Tenses.Aggregate(warning, (text, pair) => text.Replace(pair.Ahead, pair.Done, StringComparison.Ordinal));

    private static BackupPlan Plan(MiniatureHost host) => host.Plan with { Jobs = [host.Plan.Jobs[0]] };

    private static BackupPlan After(MiniatureHost host, Action act)
    {
        act();
        return Plan(host);
    }

    private static void Good(MiniatureHost host) => Assert.Equal(RunOutcome.Complete, host.Backup(Plan(host)).Outcome);

    private static void Spoil(MiniatureHost host, string target, string set)
    {
        MiniatureHost.ChangeQuietly(Path.Combine(target, "Backup-" + set, "CFG", "vm1.xml"), 0, (byte)'?');
        Assert.False(host.Verify(target, set).IsGood);
    }
}
