using System.IO;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>A plan that names commands, run from its file.</summary>
public sealed class HookTests
{
    [Fact]
    public void The_command_of_a_plan_gets_the_same_result_as_json_prints()
    {
        using var work = Planned(out var plan);
        var ran = work.Run("run", plan, "--json");
        Assert.Equal(0, ran.ExitCode);
        var told = JObject.Parse(File.ReadAllText(work["told.json"]));
        Assert.Equal(ran.Json.ToString(), told.ToString());
        Assert.Equal("complete nightly SetA argument with spaces\n", File.ReadAllText(work["told.txt"]));
    }

    [Fact]
    public void One_that_others_may_write_to_is_refused_and_nothing_is_touched()
    {
        using var work = Planned(out var plan);
        FileTools.SetMode(plan, "666");
        var ran = work.Run("run", plan);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("cannot be used; nothing was touched", ran.Error);
        Assert.Contains(
            "(file): "
                + plan
                + ": cannot run the commands of the plan: everybody may write to it. Let only administrators write "
                + "there.",
            ran.Error
        );
        Assert.False(Directory.Exists(work["D/Backup-SetA"]));
        Assert.False(File.Exists(work["told.json"]));
    }

    private static Workplace Planned(out string plan)
    {
        Platform.NeedsPosix();
        var work = new Workplace();
        work.Write("C/files/a.txt", "a");
        plan = work.Write(
            "plan.json",
            """
            { "name": "nightly", "shadow": { "provider": "copy" },
              "jobs": [ { "source": "C/files", "targets": "D" } ],
              "onSuccess": { "command": "/bin/sh", "arguments": [
                "-c",
                "cat > told.json; echo $HVBACKUP_OUTCOME $HVBACKUP_PLAN $HVBACKUP_SET $0 > told.txt",
                "argument with spaces"] } }
            """
        );
        FileTools.SetMode(work[""], "755");
        FileTools.SetMode(plan, "644");
        return work;
    }
}
