using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>How a plan asks for more than two sets.</summary>
public class ManySetsPlanTests
{
    [Fact]
    public void A_number_of_sets_names_them()
    {
        Assert.Equal(["Set01", "Set02", "Set03"], Parse("\"sets\": 3").Sets);
        Assert.Equal(["A", "B"], Parse("\"sets\": [\"A\", \"B\"]").Sets);
    }

    [Fact]
    public void A_rule_keeps_sets_named_by_time()
    {
        var plan = Parse("\"keep\": { \"last\": 7, \"daily\": 14, \"weekly\": 8, \"monthly\": 12, \"yearly\": 3 }");
        Assert.Equal(
            new KeepRule
            {
                Last = 7,
                Daily = 14,
                Weekly = 8,
                Monthly = 12,
                Yearly = 3,
            },
            plan.Keep
        );
        Assert.Equal(
            ("last=7,daily=14,weekly=8,monthly=12,yearly=3", 45),
            (plan.Keep!.ToString(), plan.Keep.SetsAtMost)
        );
        Assert.True(plan.ShareBlocks);
        Assert.False(Parse("\"shareBlocks\": false").ShareBlocks);
    }

    [Theory]
    [InlineData("\"sets\": 1", "sets", "from 2 to 1000")]
    [InlineData("\"sets\": 1001", "sets", "from 2 to 1000")]
    [InlineData("\"sets\": true", "sets", "list of texts")]
    [InlineData("\"keep\": 7", "keep", "an object")]
    [InlineData("\"keep\": { \"dayly\": 7 }", "keep.dayly", "did you mean 'daily'?")]
    [InlineData("\"keep\": { \"daily\": -1 }", "keep.daily", "from 0")]
    [InlineData("\"keep\": { \"daily\": \"7\" }", "keep.daily", "a whole number")]
    [InlineData("\"shareBlocks\": \"no\"", "shareBlocks", "true or false")]
    public void What_is_no_number_or_rule_is_refused_in_words(string property, string name, string why)
    {
        var problem = Assert.Single(Assert.Throws<PlanException>(() => Parse(property)).Problems);
        Assert.Equal(name, problem.Property);
        Assert.Contains(why, problem.Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"keep\": { \"daily\": 7 }, \"sets\": [\"A\", \"B\"]", "sets", "leave one of the two out")]
    [InlineData("\"keep\": { \"daily\": 7 }, \"sets\": 5", "sets", "leave one of the two out")]
    [InlineData("\"keep\": { }", "keep", "it keeps nothing")]
    [InlineData("\"keep\": { \"daily\": 0 }", "keep", "it keeps nothing")]
    public void Sets_and_a_rule_exclude_each_other(string properties, string name, string why)
    {
        using var folder = new TempFolder();
        var (source, target) = (folder.Folder("C"), folder.Folder("D"));
        var plan = Parse(properties) with { Jobs = [new BackupJob { Source = source, Targets = [target] }] };
        var problem = Assert.Single(
            PlanValidator.Validate(plan, FileSystems.Current),
            problem => problem.Property == name
        );
        Assert.Contains(why, problem.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_holds_the_sets_is_refused_with_a_rule_as_well()
    {
        using var folder = new TempFolder();
        var (c, d, e) = (folder.Folder("C"), folder.Folder("D"), folder.Folder("E"));
        var plan = new BackupPlan
        {
            Keep = new KeepRule { Last = 3 },
            Jobs = [new BackupJob { Source = c, Targets = [d] }, new BackupJob { Source = d, Targets = [e] }],
        };
        Assert.Contains(
            "holds the set",
            Assert.Single(PlanValidator.Validate(plan, FileSystems.Current)).Message,
            System.StringComparison.Ordinal
        );
        var beside = plan with { Jobs = [plan.Jobs[0], plan.Jobs[1] with { Exclude = ["Backup-*"] }] };
        Assert.Empty(PlanValidator.Validate(beside, FileSystems.Current));
    }

    private static BackupPlan Parse(string property) => PlanJson.Parse("{ " + property + " }", "the plan");
}
