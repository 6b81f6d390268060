using System.Threading.Tasks;
using Xunit;

namespace HyperVBackup.Module.Tests;

/// <summary>The suites of tests/pester, on the module as it is shipped, in a real PowerShell.</summary>
public sealed class SuiteTests(SuiteRuns runs, ITestOutputHelper output) : IClassFixture<SuiteRuns>
{
    public static TheoryData<string> Suites => new(SuiteRuns.Names);

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task All_that_a_suite_says_of_the_packaged_module_is_so(string suite)
    {
        var result = await runs.Of(suite);
        output.WriteLine(
            $"{suite}: {result.Passed} passed, {result.Failed.Count} failed, {result.Skipped.Count} skipped"
        );
        foreach (var skipped in result.Skipped)
            output.WriteLine("skipped: " + skipped);
        Assert.True(result.Failed.Count == 0, string.Join("\n", result.Failed) + "\n\n" + result.Output);
        Assert.True(result.ExitCode == 0, $"The suite ended with exit code {result.ExitCode}:\n{result.Output}");
        if (result.Passed == 0 && result.Skipped.Count > 0)
            Assert.Skip(result.Skipped[0]);
        Assert.True(result.Passed > 0, "Not one test ran:\n" + result.Output);
    }
}
