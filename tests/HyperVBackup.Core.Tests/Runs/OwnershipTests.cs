using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests.Mirroring;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// Whose sets are these? Nobody's only copy is written over by a backup of something else, and what the README says
/// from top to bottom works.
/// </summary>
public sealed class OwnershipTests : IDisposable
{
    private readonly MiniatureHost _host = new();

    public OwnershipTests()
    {
        Tree.Write(Path.Combine(_host.C, "mail", "box"), "m");
        Tree.Write(Path.Combine(_host.C, "accounts", "ledger"), "a");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Two_backups_without_a_plan_of_different_folders_get_sets_of_their_own()
    {
        for (var night = 0; night < 3; night++)
        {
            Assert.Equal(night == 1 ? "SetB" : "SetA", Good(_host.Backup(AdHoc("accounts"))).Set);
            Assert.Equal(night == 1 ? "SetD" : "SetC", Good(_host.Backup(AdHoc("mail"))).Set);
        }

        Assert.Equal(
            ["accounts", "accounts", "mail", "mail"],
            _host.Sets(_host.E).OrderBy(set => set.Key).Select(set => set.Value.Jobs[0].Folder)
        );
    }

    [Fact]
    public void A_plan_that_is_made_after_a_first_backup_of_something_else_is_in_order_and_takes_free_names()
    {
        Good(_host.Backup(AdHoc("accounts")));
        var check = PlanCheck.Of(_host.Plan, _host.Context, CancellationToken.None);
        Assert.Empty(check.Problems);
        Assert.Equal("SetC", check.Set);
        Assert.Contains(check.Warnings, warning => warning.Contains("SetC and SetD", StringComparison.Ordinal));
        Assert.Equal(["SetC", "SetD", "SetC"], Enumerable.Range(0, 3).Select(_ => Good(_host.Backup()).Set));
        Assert.Equal("SetB", Good(_host.Backup(AdHoc("accounts"))).Set);
    }

    [Fact]
    public void The_names_that_a_plan_has_got_stay_its_own_when_the_others_are_gone()
    {
        Good(_host.Backup(AdHoc("accounts")));
        Good(_host.Backup());
        Directory.Delete(Path.Combine(_host.E, "Backup-SetA"), true);
        Assert.Equal("SetD", Good(_host.Backup()).Set);
    }

    [Fact]
    public void Names_that_somebody_chose_are_not_changed_and_the_refusal_names_what_would_be_written()
    {
        var chosen = AdHoc("mail") with { Sets = ["One", "Two"] };
        Good(_host.Backup(chosen));
        var failure = Assert.Single(_host.Backup(AdHoc("accounts") with { Sets = chosen.Sets }).Failures);
        Assert.Equal((FailureKind.ForeignSet, Path.Combine(_host.E, "Backup-Two")), (failure.Kind, failure.Target));
        Assert.Contains("Backup-One", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_without_a_name_has_that_of_its_file()
    {
        var (accounts, mail) = (Unnamed("accounts"), Unnamed("mail"));
        Assert.Equal(("accounts", "mail"), (accounts.Name, mail.Name));
        Assert.Equal(BackupPlan.DefaultName, PlanJson.Parse("{}", "The plan given as a hashtable").Name);
        var keep = new KeepRule { Last = 2 };
        var sets = Enumerable.Range(0, 2).Select(_ => Good(_host.Backup(accounts with { Keep = keep })).Set).ToList();
        for (var run = 0; run < 4; run++)
            Good(_host.Backup(mail with { Keep = keep }));
        Assert.All(sets, set => Assert.Equal("accounts", _host.Sets(_host.E)[set].Jobs[0].Folder));
    }

    [Fact]
    public void Two_such_files_of_one_name_do_not_take_each_others_sets()
    {
        var (one, other) = (Unnamed("accounts"), Unnamed("mail") with { Name = "accounts" });
        Good(_host.Backup(one));
        Assert.Equal("SetC", Good(_host.Backup(other)).Set);
        var keep = new KeepRule { Last = 2 };
        var kept = Enumerable.Range(0, 2).Select(_ => Good(_host.Backup(one with { Keep = keep })).Set).ToList();
        for (var run = 0; run < 3; run++)
            Good(_host.Backup(other with { Keep = keep }));
        Assert.All(kept, set => Assert.Equal("accounts", _host.Sets(_host.E)[set].Jobs[0].Folder));
    }

    [Fact]
    public void Sets_of_a_version_that_called_every_such_plan_backup_are_gone_on_with()
    {
        Good(_host.Backup(Unnamed("accounts") with { Name = BackupPlan.DefaultName }));
        Assert.Equal("SetB", Good(_host.Backup(Unnamed("accounts"))).Set);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void To_take_over_the_sets_of_a_renamed_host_is_said_once(bool keeps)
    {
        var plan = _host.Plan with { Keep = keeps ? new KeepRule { Last = 2 } : null };
        Good(_host.Backup(plan));
        Good(_host.Backup(plan));
        _host.HostName = "HV1-NEW";
        if (!keeps)
            Assert.Equal(FailureKind.ForeignSet, _host.Backup(plan).Failures[0].Kind);
        Good(_host.Backup(plan with { TakeOver = true }));
        Good(_host.Backup(plan));
        Good(_host.Backup(plan));
        foreach (var target in new[] { _host.D, _host.E })
        {
            Assert.Equal(2, _host.Sets(target).Count);
            Assert.All(_host.Sets(target).Values, set => Assert.Equal("HV1-NEW", set.Host));
            Assert.True(_host.Verify(target).IsGood);
        }
    }

    [Fact]
    public void A_renamed_hosts_sets_are_refused_and_taken_over_under_the_names_that_they_have()
    {
        Good(_host.Backup(AdHoc("accounts")));
        Good(_host.Backup(AdHoc("accounts")));
        Good(_host.Backup());
        Good(_host.Backup());
        var accounts = _host
            .Sets(_host.E)
            .Where(set => set.Value.Jobs[0].Folder == "accounts")
            .ToDictionary(set => set.Key, set => set.Value.RunId);
        _host.HostName = "HV1-NEW";

        var refused = Assert.Single(_host.Backup().Failures);
        Assert.Equal((FailureKind.ForeignSet, "Backup-SetC"), (refused.Kind, Path.GetFileName(refused.Target)));
        Assert.Equal("SetC", Good(_host.Backup(_host.Plan with { TakeOver = true })).Set);
        Assert.Equal("SetD", Good(_host.Backup()).Set);

        Assert.Equal(["SetA", "SetB"], accounts.Keys.Order());
        Assert.All(accounts, set => Assert.Equal(set.Value, _host.Sets(_host.E)[set.Key].RunId));
    }

    [Fact]
    public void A_name_that_no_lock_file_could_hold_is_refused_in_words() =>
        Assert.Contains(
            "at most 128",
            Assert
                .Throws<PlanException>(() => _host.Backup(_host.Plan with { Name = new string('n', 70_000) }))
                .Message,
            StringComparison.Ordinal
        );

    private BackupPlan AdHoc(string folder) =>
        AdHocPlan.Build([Path.Combine(_host.C, folder)], [_host.E]) with
        {
            Shadow = _host.Plan.Shadow,
        };

    private BackupPlan Unnamed(string folder)
    {
        var path = Path.Combine(_host.Root, folder + ".json");
        File.WriteAllText(
            path,
            "{ \"shadow\": { \"provider\": \"copy\" }, \"jobs\": [ { \"source\": \"C/"
                + folder
                + "\", \"targets\": [ \"E\" ] } ] }"
        );
        return PlanFile.Read(path);
    }

    private static RunResult Good(RunResult result)
    {
        Assert.Empty(result.Failures);
        return result;
    }
}
