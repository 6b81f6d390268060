using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Sets;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Every crash point, not a sample: a run is recorded, and for each of its steps the disks are built as a power cut after that step could leave them. Then: the sets are
/// recognised, what was complete before is complete and verifies, the next run succeeds, and afterwards everything is as if nothing had happened.
/// </summary>
public class EveryCrashPointTests(ITestOutputHelper output)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void When_a_run_is_cut_off_anywhere_what_was_complete_stays_so_and_the_next_run_succeeds(int runsBefore) =>
        CutEverywhere(runsBefore, targets: 1, flushesVolumes: true);

    [Fact]
    public void Between_the_commits_on_two_targets_too() => CutEverywhere(runsBefore: 2, targets: 2, flushesVolumes: true);

    [Fact]
    public void On_volumes_that_can_only_be_flushed_file_by_file_too() => CutEverywhere(runsBefore: 2, targets: 1, flushesVolumes: false);

    private void CutEverywhere(int runsBefore, int targets, bool flushesVolumes)
    {
        var host = MemoryHost.New(targets, flushesVolumes);
        var kept = "";
        for (var run = 1; run <= runsBefore; run++)
        {
            kept = host.BackupWell();
            host.Change(run + 1);
        }

        host = new MemoryHost(host.Files.Settled(), targets);
        var cut = Record(host, out var written);
        var points = 0;
        for (var steps = 0; steps <= cut.Steps.Count; steps++)
        {
            foreach (var (unflushed, seed) in Variants(steps, flushesVolumes))
            {
                points++;
                try
                {
                    CheckAfter(cut.After(steps, unflushed, seed), targets, kept, steps == cut.Steps.Count ? written : null, Long || steps % 8 == 0);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"Cut after step {steps} of {cut.Steps.Count} ({(steps == 0 ? "none" : cut.Steps[steps - 1].ToString())}), unflushed {unflushed}, seed {seed}: {e.Message}", e);
                }
            }
        }

        output.WriteLine($"{points} crash points replayed: {cut.Steps.Count} steps of run {runsBefore + 1}, {targets} target(s), nothing was lost.");
    }

    private static PowerCut Record(MemoryHost host, out string written)
    {
        var before = host.Files.Tree.Copy();
        host.Files.ClearRecord();
        written = host.BackupWell();
        return new PowerCut(host.Files, before, host.Files.Record.ToList());
    }

    private static IEnumerable<(Unflushed Unflushed, int Seed)> Variants(int steps, bool flushesVolumes)
    {
        yield return (Unflushed.Kept, 0);
        yield return (Unflushed.Lost, 0);
        yield return (Unflushed.ContentLost, 0);
        var dice = flushesVolumes ? Unflushed.Shuffled : Unflushed.Journalled;
        for (var i = 0; i < (Long ? 30 : 1); i++) yield return (dice, steps * 1000 + i);
        if (!Long) yield break;
        if (flushesVolumes) yield return (Unflushed.NamesLost, 0);
        for (var i = 0; i < 10; i++) yield return (Unflushed.Journalled, steps * 1000 + 500 + i);
    }

    private static void CheckAfter(MemoryFiles found, int targets, string kept, string? committed, bool thorough)
    {
        var host = new MemoryHost(found, targets);
        host.ForgetProcess();
        host.RequireTruth();
        if (kept.Length > 0) host.RequireWhole(kept);
        if (committed != null) host.RequireWhole(committed);
        var next = host.BackupWell();
        host.RequireWhole(next);
        host.RequireEqual(next);
        // The other set was verified before the run already; that the run left it alone is cheaper to see by its state.
        host.RequireTruth(thorough ? null : next);
        if (kept.Length > 0 && kept != next) host.RequireWhole(kept);
        host.RequireTidy();
    }
}
