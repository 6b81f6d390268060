using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

/// <summary>
/// The same operations over the native library and over the strict fake make the same calls in the same order.
/// </summary>
[Collection(nameof(NativeVss))]
public sealed class CallOrderTests
{
    // What the strict fake is to do, and what the library's script says for the same.
    private static readonly (string Name, Action<StrictVss> Strict, string[] Native)[] Scenarios =
    {
        ("success", _ => { }, Array.Empty<string>()),
        (
            "another set in progress",
            vss => vss.Faults.Add(new FakeFault("StartSnapshotSet", VssHResult.SnapshotSetInProgress, 1, 2)),
            new[] { "fail|StartSnapshotSet|80042316|1|2" }
        ),
        (
            "a veto, once",
            vss => vss.Faults.Add(new FakeFault("DoSnapshotSet", VssHResult.ProviderVeto, 1, 1)),
            new[] { "async|DoSnapshotSet|80042306|1|1" }
        ),
        (
            "a bad state",
            vss => vss.Faults.Add(new FakeFault("AddToSnapshotSet", VssHResult.BadState)),
            new[] { "fail|AddToSnapshotSet|80042301" }
        ),
        (
            "no metadata",
            vss => vss.Faults.Add(new FakeFault("GatherWriterMetadata", VssHResult.AccessDenied)),
            new[] { "async|GatherWriterMetadata|80070005" }
        ),
        (
            "a writer that fails to prepare",
            vss => vss.WriterFaults.Add(new FakeWriterFault("PrepareForBackup", VssHResult.WriterNonRetryable)),
            new[] { "writer|PrepareForBackup|9|800423F4|0||" }
        ),
        (
            "a writer that fails to freeze, once",
            vss => vss.WriterFaults.Add(new FakeWriterFault("DoSnapshotSet", VssHResult.WriterRetryable) { Times = 1 }),
            new[] { "writer|DoSnapshotSet|9|800423F3|0||1" }
        ),
        (
            "a writer that objects at the end",
            vss => vss.WriterFaults.Add(new FakeWriterFault("BackupComplete", VssHResult.WriterNonRetryable)),
            new[] { "writer|BackupComplete|9|800423F4|0||" }
        ),
    };

    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var (name, _, _) in Scenarios)
        {
            cases.Add(name, false);
            cases.Add(name, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_order_of_calls_is_the_strict_fakes(string name, bool persistent)
    {
        using var vss = NativeVss.Begin();
        var (_, arrange, script) = Scenarios.Single(one => one.Name == name);

        var strict = new VssFixture();
        arrange(strict.Host);
        var expected = Run(strict, persistent);
        Assert.Empty(strict.Host.Violations);

        var native = new VssFixture();
        NativeVss.Script(native.Host.Machines.SelectMany(Lines).Concat(script).ToArray());
        native.Services = native.Services with
        {
            Factory = new BackupComponentsFactory(new FakeHostFacts(), BackupComponents.Create, () => null, null),
        };
        var actual = Run(native, persistent);

        Assert.Equal(expected, actual);
        Assert.Equal(
            strict.Host.Calls.Select(call => call == "GetWriterComponents" ? "GetWriterComponents" : call),
            Ours(NativeVss.Calls())
        );
    }

    private static IEnumerable<string> Lines(FakeMachine machine) =>
        machine.Files.Select(file =>
            string.Join(
                "|",
                "machine",
                machine.Id,
                machine.Caption + @"\" + machine.Name,
                file.Path,
                file.Specification,
                file.IsRecursive ? 1 : 0
            )
        );

    // How it went: that, too, is the same.
    private static string Run(VssFixture fixture, bool persistent)
    {
        try
        {
            using var session = fixture.Create(fixture.ForMachines(fixture.Web) with { Persistent = persistent });
            session.Complete();
            return "complete";
        }
        catch (BackupException e)
        {
            return e.Failure.Kind + " " + e.Failure.Operation;
        }
    }

    // The native calls as our members: several native calls may be one of them.
    private static List<string> Ours(IEnumerable<string> lines)
    {
        var ours = new List<string>();
        var last = "";
        foreach (var line in lines.Where(line => !line.StartsWith(' ')))
        {
            var native = line.Split(' ', ';')[0];
            var member = native switch
            {
                "GetWriterMetadataCount" => "GetWriterMetadata",
                "GetWriterStatusCount" or "GetWriterStatusEx" => "GetWriterStatus",
                "GetWriterComponentsCount" or "GetComponentName" or "GetFailure" => "GetWriterComponents",
                "SaveAsXML" => "SaveAsXml",
                "Query" or "Next" => "QuerySnapshots",
                "Release" => "Dispose",
                _ => native,
            };
            var goesOn =
                member == last
                && member is "GetWriterMetadata" or "GetWriterStatus" or "GetWriterComponents" or "QuerySnapshots";
            if (!(goesOn && member == last))
                ours.Add(member);
            last = member;
        }

        return ours;
    }
}
