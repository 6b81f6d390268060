using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace HyperVBackup.Module.Tests;

/// <summary>What a suite did, from the result file that Pester wrote in NUnit's form.</summary>
/// <param name="Passed">How many of its tests passed.</param>
/// <param name="Failed">Those that did not, with their messages.</param>
/// <param name="Skipped">Those that were skipped, with their reasons.</param>
/// <param name="ExitCode">Of the process.</param>
/// <param name="Output">What it printed.</param>
internal sealed record SuiteResult(
    int Passed,
    IReadOnlyList<string> Failed,
    IReadOnlyList<string> Skipped,
    int ExitCode,
    string Output
)
{
    /// <summary>Reads a result file; one that is not there tells of no test.</summary>
    public static SuiteResult Read(string path, int exitCode, string output)
    {
        var tests = File.Exists(path) ? XDocument.Load(path).Descendants("test-case").ToList() : [];
        return new SuiteResult(
            tests.Count(test => Is(test, "Success")),
            tests
                .Where(test => !Is(test, "Success") && !IsSkipped(test))
                .Select(test => Line(test, "failure"))
                .ToList(),
            tests.Where(IsSkipped).Select(test => Line(test, "reason")).ToList(),
            exitCode,
            output
        );
    }

    private static bool Is(XElement test, string result) => (string?)test.Attribute("result") == result;

    private static bool IsSkipped(XElement test) =>
        Is(test, "Skipped") || Is(test, "Ignored") || Is(test, "Inconclusive");

    private static string Line(XElement test, string why) =>
        (string?)test.Attribute("name")
        + ": "
        + (test.Element(why)?.Element("message")?.Value.Trim() ?? "no reason given");
}
