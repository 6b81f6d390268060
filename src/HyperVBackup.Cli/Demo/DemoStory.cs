using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Cli.Output;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Text;

namespace HyperVBackup.Cli.Demo;

/// <summary>
/// What a backup is for, from beginning to end, with the parts that real backups use: back up, change, back up, lose a
/// disk, restore, compare.
/// </summary>
internal sealed class DemoStory
{
    private readonly Invocation _invocation;
    private readonly MiniatureHost _host;
    private readonly string _root;
    private readonly Report _report;

    /// <summary>A story that takes place in a folder.</summary>
    public DemoStory(Invocation invocation, string root)
    {
        _invocation = invocation;
        _root = root;
        _host = new MiniatureHost(root);
        _report = invocation.Report;
    }

    /// <summary>Tells it.</summary>
    /// <exception cref="BackupException">Something was not as it should be.</exception>
    public void Tell()
    {
        var cancel = _invocation.Surroundings.Cancel;
        RequireRoom();
        _host.Build(cancel);
        Describe();
        var provider = ChooseProvider(out var why);
        _report.Line();
        _report.Line("2. The plan: crosswise, so that the others hold everything when one disk dies.");
        _report.Line("   Two sets take turns, so that one is whole while the other is written.");
        _report.Line(
            "   Files are read through '" + provider.Name + "': " + RunReport.Words(provider.Consistency) + "."
        );
        if (why.Length > 0)
            _report.Line("   " + why);
        _report.Line();
        _report.Line("3. Three backups. Between them guests write into their disks, whose sizes and");
        _report.Line("   time stamps do not move, and machines are changed, removed and made.");
        var runs = new List<RunResult>();
        for (var day = 0; day < 3; day++)
        {
            if (day > 0)
                _host.LiveOn(day);
            runs.Add(BackUp(provider.Name, day % 2 == 0 ? "SetA" : "SetB"));
        }

        _report.Table(Runs(runs));
        var (written, size) = (runs[2].BytesWritten, SizeOf(runs[2]));
        _report.Line("   Half of each disk was never written by its guest: zeroes are not copied.");
        _report.Line(
            "   The third run found most of SetA in place and wrote " + Share(written, size) + " of its size."
        );
        Verify();
        LoseAndRestore();
    }

    private void Describe()
    {
        _report.Line("A Hyper-V host in miniature: " + _root);
        _report.Line();
        _report.Line("1. Three folders stand for its disks.");
        var table = new Table(
            new("   Disk"),
            new("Folder", Shrinks: true),
            new("Holds"),
            new("Files", true),
            new("Size", true)
        );
        foreach (
            var (disk, folder, holds) in new[]
            {
                ("C", _host.Configuration, "configuration of 3 VMs"),
                ("D", _host.SystemDisks, "system disks, fixed VHD"),
                ("E", _host.DataDisks, "data disk, fixed VHD"),
            }
        )
        {
            var (files, bytes) = MiniatureHost.Count(folder);
            table.Add(
                "   " + disk,
                _host.Short(folder),
                holds,
                files.ToString(CultureInfo.InvariantCulture),
                HumanText.Size(bytes)
            );
        }

        _report.Table(table);
    }

    private void RequireRoom()
    {
        const long needed = 1L << 30;
        var volume = NewContext().Files.GetVolume(_root);
        var free = volume.FreeBytes;
        if (volume.KnowsRoom && free < needed)
            throw new BackupException(
                new Failure(
                    FailureKind.DiskFull,
                    _root,
                    "build the demo's disks",
                    "it needs " + HumanText.Size(needed) + ", and " + HumanText.Size(free) + " are free"
                )
                {
                    Advice = "Name another temporary folder with TMPDIR (TEMP on Windows).",
                }
            );
    }

    // Chosen here and not by "auto", which rightly warns when nothing can be frozen: in the demo nobody else writes to
    // the disks.
    private IShadowProvider ChooseProvider(out string why)
    {
        var providers = NewContext().Providers;
        why = "";
        if (providers.All.FirstOrDefault(provider => provider.Name == "reflink") is { } reflink)
        {
            if (reflink.WhyNot([_host.Configuration, _host.SystemDisks, _host.DataDisks]) is null)
                return reflink;
            why = "('reflink' needs a file system that clones blocks. Nobody else writes here.)";
        }

        return providers.Get("copy");
    }

    private RunResult BackUp(string provider, string expectedSet)
    {
        var context = NewContext();
        var result = _invocation.Watch(
            context.Progress,
            () => BackupRun.Execute(_host.Plan(provider), context, _invocation.Surroundings.Cancel)
        );
        if (result.Outcome == RunOutcome.Cancelled)
            throw new OperationCanceledException();
        if (result.Failures.Count > 0)
            throw new BackupException(result.Failures[0]);
        if (result.Warnings.Count > 0)
            throw Wrong("back up", result.Warnings[0]);
        return result.Set == expectedSet
            ? result
            : throw Wrong("take turns", "the run wrote " + result.Set + ", and it was the turn of " + expectedSet);
    }

    private static Table Runs(List<RunResult> runs)
    {
        var table = new Table(
            new("   Run"),
            new("Set"),
            new("Files", true),
            new("Copied", true),
            new("Deleted", true),
            new("Size", true),
            new("Written", true),
            new("Share", true),
            new("Took", true)
        );
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            string Sum(Func<JobResult, long> of) => run.Jobs.Sum(of).ToString(CultureInfo.InvariantCulture);
            table.Add(
                "   " + (i + 1),
                run.Set,
                Sum(job => job.Files),
                Sum(job => job.FilesCopied),
                Sum(job => job.Deleted),
                HumanText.Size(SizeOf(run)),
                HumanText.Size(run.BytesWritten),
                Share(run.BytesWritten, SizeOf(run)),
                HumanText.Span(run.Duration)
            );
        }

        return table;
    }

    private void Verify()
    {
        _report.Line();
        _report.Line("4. Verification: every block of the newest set is compared with its hash.");
        foreach (var disk in new[] { _host.D, _host.E })
        {
            var context = NewContext();
            var set = SetCatalogue.Choose(context.Files, disk, null);
            var verified = _invocation.Watch(
                context.Progress,
                () => SetVerifier.Verify(context.Files, set, false, context.Progress, _invocation.Surroundings.Cancel)
            );
            if (!verified.IsGood)
                throw new BackupException(
                    verified.Damages.Select(damage => damage.Failure).Concat(verified.Unverified).First()
                );
            _report.Line(
                "   "
                    + _host.Short(set.Path)
                    + ": "
                    + verified.Files
                    + " files, "
                    + HumanText.Size(verified.BytesRead)
                    + ", all good.",
                Tone.Good
            );
        }
    }

    private void LoseAndRestore()
    {
        var lost = Path.Combine(_root, "lost");
        // The files are set aside, out of everybody's reach, to compare with; all else on the disk is destroyed.
        Directory.Move(_host.SystemDisks, lost);
        Directory.Delete(_host.D, true);
        Directory.CreateDirectory(_host.D);
        _report.Line();
        _report.Line("5. Disk D dies. A new one is put in, and what was lost is restored from E.");
        var context = NewContext();
        var set = SetCatalogue.Choose(context.Files, _host.E, null);
        var restored = _invocation.Watch(
            context.Progress,
            () =>
                SetRestorer.Restore(
                    context.Files,
                    new RestoreRequest
                    {
                        Set = set,
                        Destination = _host.D,
                        Paths = ["VHD/**"],
                    },
                    context.Progress,
                    _invocation.Surroundings.Cancel
                )
        );
        if (restored.Failures.Count > 0)
            throw new BackupException(restored.Failures[0]);
        Directory.Move(Path.Combine(_host.D, "VHD"), _host.SystemDisks);
        _report.Line(
            "   "
                + _host.Short(set.Path)
                + ": "
                + restored.FilesRestored
                + " files, "
                + HumanText.Size(restored.Bytes)
                + " restored."
        );
        if (Comparison.FirstDifference(lost, _host.SystemDisks, _invocation.Surroundings.Cancel) is { } difference)
            throw Wrong("find what was lost", difference);
        _report.Line("   Compared byte by byte with what was lost: identical, time stamps as well.", Tone.Good);
    }

    private RunContext NewContext() => _invocation.NewContext(new StateFolder(Path.Combine(_root, "state")));

    private static long SizeOf(RunResult run) => run.Jobs.Sum(job => job.Bytes);

    private static string Share(long part, long whole) =>
        (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    private BackupException Wrong(string operation, string cause) =>
        new(FailureKind.Unexpected, _root, operation, cause);
}
