using System;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Mirroring;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Text;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// The engine alone: one folder made a mirror of another, without sets, manifests or shadow copies. What <c>hvbackup
/// mirror</c> and Copy-HvMirror do.
/// </summary>
public static class MirrorRun
{
    /// <summary>Mirrors.</summary>
    /// <param name="source">The folder to read.</param>
    /// <param name="destination">The folder to write; made if it is not there.</param>
    /// <param name="filter">Which files; what it leaves out is left alone in the destination too.</param>
    /// <param name="maxBytesPerSecond">The most bytes read per second; 0: no limit.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="maxDeletePercent">The most of the destination's files or bytes that may be deleted, in percent; see
    /// <see cref="BackupPlan.MaxDeletePercent"/>.</param>
    /// <exception cref="PlanException">The two folders cannot be used together; nothing was touched.</exception>
    public static MirrorResult Execute(
        string source,
        string destination,
        GlobFilter filter,
        long maxBytesPerSecond,
        RunContext context,
        CancellationToken cancel,
        int maxDeletePercent = BackupPlan.DefaultMaxDeletePercent
    )
    {
        var files = context.Files;
        Require(source, destination, filter, context);
        var (from, to) = (files.Resolve(PathOf.Full(source)), files.Resolve(PathOf.Full(destination)));
        var started = context.Clock.UtcNow;
        var log = new FailureLog();
        var result = new MirrorResult
        {
            Source = from,
            Destination = to,
            Outcome = RunOutcome.Failed,
            Started = started,
        };
        try
        {
            context.Progress.Enter("copying");
            context.Story("Making " + to + " a mirror of " + from + ".");
            Trees.Create(files, to, false);
            using var engine = new MirrorEngine(
                files,
                log,
                context.Progress,
                new RateLimiter(maxBytesPerSecond),
                context.Workers
            );
            using var survey = context.CountsTotal
                ? new SourceSurvey(new[] { (files, from, filter) }, context.Progress)
                : null;
            var root = files.Find(from);
            var lists = new AccessListNotice();
            var job = new MirrorJob
            {
                Source = from,
                SourceName = from,
                Filter = filter,
                Frozen = started,
                IsLive = true,
                BeforeDeleting = end =>
                    RequireWhole(files, from, root, end, context.AllowDeletions ? 100 : maxDeletePercent),
                Targets = new[] { new MirrorTarget { Folder = to } },
                AccessLists = lists,
            };
            var tally = engine.Run(job, cancel).Single().Tally;
            if (lists.Notice(from) is { } notice)
                context.Story(notice);
            result = result with
            {
                Outcome =
                    log.FailureCount > 0 ? RunOutcome.Failed
                    : log.WarningCount > 0 ? RunOutcome.CompleteWithWarnings
                    : RunOutcome.Complete,
                Files = tally.Files,
                Bytes = tally.Bytes,
                FilesCopied = tally.FilesCopied,
                FilesUnchanged = tally.FilesUnchanged,
                Deleted = tally.Deleted,
                BytesWritten = tally.BytesWritten,
            };
            context.Story(
                FormattableString.Invariant(
                    $"Copied {tally.FilesCopied} files, left {tally.FilesUnchanged} as they were, "
                ) + FormattableString.Invariant($"deleted {tally.Deleted}; wrote {HumanText.Size(tally.BytesWritten)}.")
            );
        }
        catch (OperationCanceledException)
        {
            log.Add(
                new Failure(FailureKind.Cancelled, to, "finish the mirror", "it was cancelled")
                {
                    Advice = "Run it again; until then the destination is no mirror of the source.",
                }
            );
            result = result with { Outcome = RunOutcome.Cancelled };
        }
        catch (BackupException e)
        {
            log.Add(e.Failure);
        }

        return result with
        {
            Ended = context.Clock.UtcNow,
            BytesRead = context.Progress.BytesDone,
            Failures = log.Failures,
            FailureCount = log.FailureCount,
            Warnings = log.Warnings,
        };
    }

    private static void RequireWhole(IFileSystem files, string source, FileEntry? root, WalkEnd end, int percent)
    {
        var now = files.Find(source);
        if (root != null && (now == null || now.Volume != root.Volume))
            throw new BackupException(SourceGuard.Replaced(source));
        if (DeletionGuard.WhyNot(end.Lanes[0].Deletions, percent, source, end.Lanes[0].Target.Folder) is { } failure)
            throw new BackupException(failure);
    }

    // A mirror has no sets, and would take them for what the source does not have.
    private static string? WhatItWouldSpoil(string destination, GlobFilter filter, RunContext context)
    {
        var files = context.Files;
        if (SetLayout.SetAround(files, destination) is { } around)
            return "'"
                + destination
                + "' belongs to the backup set "
                + around
                + ", which would no longer be what its hashes say; mirror to a folder outside of it";
        if (files.Find(destination) is not { Kind: EntryKind.Folder })
            return null;
        var state = files.Resolve(context.State.Path);
        var identity = new FolderIdentity(files, MountedPlaces.Current());
        if (files.Find(state) != null && identity.Ways(destination, state, filter.Reaches).Any(filter.Reaches))
            return "'"
                + destination
                + "' holds the folder in which this host keeps its history and its locks ("
                + state
                + "), which a mirror would delete; mirror to another folder, or exclude that one";
        var sets = SetCatalogue.List(files, destination);
        return sets.Count == 0
            ? null
            : "'"
                + destination
                + "' holds backup sets ("
                + string.Join(", ", sets.Select(set => set.Set))
                + "), which a mirror would delete; mirror to another folder, such as '"
                + PathOf.Join(destination, "mirror")
                + "'";
    }

    private static void Require(string source, string destination, GlobFilter filter, RunContext context)
    {
        var files = context.Files;
        var plan = new BackupPlan
        {
            Jobs = new[]
            {
                new BackupJob
                {
                    Source = PathOf.Full(source),
                    Folder = "mirror",
                    Targets = new[] { PathOf.Full(destination) },
                    Include = filter.Include,
                    Exclude = filter.Exclude,
                },
            },
        };
        var problems = PlanValidator
            .Validate(plan, files)
            .Select(problem =>
                problem with
                {
                    Property = problem.Property.StartsWith("jobs[0].targets", StringComparison.Ordinal)
                        ? "destination"
                        : problem.Property.Replace("jobs[0].", ""),
                }
            )
            .ToList();
        if (
            problems.Count == 0
            && WhatItWouldSpoil(files.Resolve(PathOf.Full(destination)), filter, context) is { } spoilt
        )
            problems.Add(new PlanProblem("destination", spoilt));
        if (problems.Count > 0)
            throw new PlanException("The mirror", problems);
    }
}

/// <summary>What a mirror without a set did. Plain data.</summary>
public sealed record MirrorResult
{
    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>The process exit code for it: 0, 1 or 3.</summary>
    public int ExitCode =>
        Outcome switch
        {
            RunOutcome.Complete => ExitCodes.Complete,
            RunOutcome.CompleteWithWarnings => ExitCodes.Warnings,
            _ => ExitCodes.Failed,
        };

    /// <summary>The folder that was read.</summary>
    public required string Source { get; init; }

    /// <summary>The folder that was written.</summary>
    public required string Destination { get; init; }

    /// <summary>When it started, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTime Ended { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration => Ended - Started;

    /// <summary>Files the destination holds of the source.</summary>
    public long Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Files that were new or changed.</summary>
    public long FilesCopied { get; init; }

    /// <summary>Files that were as they should be.</summary>
    public long FilesUnchanged { get; init; }

    /// <summary>Files, links and folders removed.</summary>
    public long Deleted { get; init; }

    /// <summary>Source bytes gone through.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes of content written.</summary>
    public long BytesWritten { get; init; }

    /// <summary>What went wrong, at most a thousand.</summary>
    public System.Collections.Generic.IReadOnlyList<Failure> Failures { get; init; } = Array.Empty<Failure>();

    /// <summary>How many failures there were.</summary>
    public long FailureCount { get; init; }

    /// <summary>What is worth knowing.</summary>
    public System.Collections.Generic.IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();
}
