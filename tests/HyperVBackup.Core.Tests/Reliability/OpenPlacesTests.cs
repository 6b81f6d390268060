using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Targets and state folders that others may write to: they are told, and what others could have put there is not acted
/// upon.
/// </summary>
public sealed class OpenPlacesTests : IDisposable
{
    private const uint Stranger = 12345;
    private readonly MiniatureHost _host = new();

    public OpenPlacesTests() => Platform.NeedsPosix();

    private static IFileSystem Files => FileSystems.Current;

    private BackupPlan Plan =>
        _host.Plan with
        {
            Jobs =
            [
                new BackupJob
                {
                    Source = _host.Config,
                    Folder = "CFG",
                    Targets = [_host.E],
                },
            ],
        };

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("777", "everybody may write to it")]
    [InlineData("1777", "everybody may write to it")]
    [InlineData("775", "may write to it")]
    [InlineData("755", null)]
    public void A_target_that_others_may_write_to_is_a_warning_of_the_run_and_of_its_check(string mode, string? words)
    {
        FileTools.SetMode(_host.E, mode);
        var result = _host.Backup(Plan);
        var check = PlanCheck.Of(Plan, _host.Context, CancellationToken.None);
        if (words == null)
        {
            Assert.DoesNotContain(
                result.Warnings.Concat(check.Warnings),
                warning => warning.StartsWith(_host.E + ":", StringComparison.Ordinal)
            );
            return;
        }

        foreach (var warnings in new IEnumerable<string>[] { result.Warnings, check.Warnings })
        {
            var warning = Assert.Single(
                warnings,
                warning => warning.StartsWith(_host.E + ":", StringComparison.Ordinal)
            );
            Assert.Contains(words, warning, StringComparison.Ordinal);
            Assert.Contains("chmod go-w '" + _host.E + "'", warning, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_lock_file_that_another_user_left_is_replaced_by_one_of_our_own()
    {
        Assert.SkipUnless(Platform.IsRoot, "needs root, to give a file away");
        var path = GiveAway(RunLock.OnTarget(_host.E));
        using (RunLock.Take(Files, path, "nightly", DateTime.UnixEpoch))
        {
            Assert.Equal((0u, 0x180u), (Files.Find(path)!.Owner, Files.Find(path)!.Attributes));
        }
    }

    [Fact]
    public void A_lock_that_another_user_holds_is_told_with_whose_it_is_and_what_to_do()
    {
        Assert.SkipUnless(Platform.IsRoot, "needs root, to give a file away");
        FileTools.SetMode(_host.E, "777");
        var path = GiveAway(RunLock.OnTarget(_host.E));
        using var held = LockFile.Open(Files, path);
        var failure = Assert
            .Throws<BackupException>(() => RunLock.Take(Files, path, "nightly", DateTime.UnixEpoch))
            .Failure;
        Assert.Equal(FailureKind.LockHeld, failure.Kind);
        Assert.Equal("the user 12345 holds it: process " + Environment.ProcessId, failure.Cause);
        Assert.Contains("everybody may write to it", failure.Advice, StringComparison.Ordinal);
        Assert.Contains("chmod go-w '" + _host.E + "'", failure.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("everybody")]
    [InlineData("stranger")]
    [InlineData("ours")]
    public void An_entry_of_the_journal_is_acted_upon_only_if_nobody_else_can_have_written_it(string whose)
    {
        if (whose == "stranger")
            Assert.SkipUnless(Platform.IsRoot, "needs root, to give a file away");
        var exposed = Path.Combine(_host.Root, "exposed");
        Directory.CreateSymbolicLink(exposed, "somewhere");
        var entry = Path.Combine(_host.State.Shadows, WriteEntry(exposed));
        if (whose == "everybody")
            FileTools.SetMode(entry, "666");
        if (whose == "stranger")
            GiveAway(entry);

        var result = _host.Backup(Plan);

        Assert.Equal(whose != "ours", new FileInfo(exposed).LinkTarget == "somewhere");
        Assert.Equal(whose != "ours", File.Exists(entry));
        if (whose == "ours")
            return;
        Assert.Equal(RunOutcome.CompleteWithWarnings, result.Outcome);
        Assert.Contains(
            result.Warnings,
            warning =>
                warning.StartsWith(entry + ": cannot act on this entry of the journal", StringComparison.Ordinal)
                && warning.Contains("Nothing was deleted for it")
        );
    }

    [Fact]
    public void A_source_and_a_target_may_have_names_that_are_no_text()
    {
        var name = "Buchf\uDCFChrung"; // the byte FC, which is no UTF-8
        var source = PathOf.Join(_host.Root, name);
        var target = PathOf.Join(_host.Root, name + "-sets");
        foreach (var folder in new[] { source, target })
            Files.CreateFolder(folder, true);
        Files.Create(PathOf.Join(source, "file"), false).Dispose();
        var plan = AdHocPlan.Build([source], [target]);
        plan = plan with { Shadow = new ShadowOptions { Provider = "copy" } };
        foreach (var _ in Enumerable.Range(0, 3))
            Assert.Equal(0, _host.Backup(plan).ExitCode);
        Assert.All(SetCatalogue.List(Files, target), set => Assert.Equal(source, Assert.Single(set.Jobs).Source));
        Assert.Null(Files.Find(RunLock.OnTarget(target)));
    }

    private string WriteEntry(string exposed)
    {
        var (id, snapshot) = (Guid.NewGuid(), Guid.NewGuid());
        new ShadowJournal(Files, _host.State).Intend(
            new JournalEntry
            {
                Id = id,
                Provider = "reflink",
                SetId = id,
                Created = _host.Clock.UtcNow,
                Snapshots = [new JournalSnapshot(snapshot, "/x", "somewhere")],
                Exposures = [new JournalExposure(snapshot, exposed, false)],
                Owner = new JournalOwner(999_999_999, DateTime.UnixEpoch, Environment.MachineName),
            }
        );
        return id.ToString("D") + ".json";
    }

    private static string GiveAway(string path)
    {
        if (Files.Find(path) == null)
            Files.Create(path, false).Dispose();
        Files.SetMetadata(path, Files.Find(path)! with { Owner = Stranger });
        return path;
    }
}
