using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Text;
using HyperVBackup.Walking;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// Makes a folder a mirror of another: what changed is copied, what is gone from the source is deleted.
/// </summary>
[Cmdlet(
    VerbsCommon.Copy,
    "HvMirror",
    DefaultParameterSetName = "Path",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
[OutputType(typeof(MirrorResult))]
public sealed class CopyHvMirrorCommand : HvCmdlet
{
    private readonly List<string> _sources = new();
    private bool _isRefused;

    /// <summary>The folder to read. Wildcards must match one folder, unless each gets a folder of its own.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = "Path"
    )]
    [Alias("ExposedAt", "Source")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>The folder to read, exactly as it is written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>
    /// The folder to write. Made if it is not there; what it holds and the source does not is deleted.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>
    /// The files to copy, as ROBOCOPY names them: *.vhdx. None: all. Files that are not copied are not deleted either.
    /// </summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Include { get; set; } = Array.Empty<string>();

    /// <summary>The files and folders to leave out, and alone.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Exclude { get; set; } = Array.Empty<string>();

    /// <summary>The most bytes read per second; 0: as fast as the disks can.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaxBytesPerSecond { get; set; }

    /// <summary>Whether each folder that is read gets a folder of its own in the destination, named after it.</summary>
    [Parameter]
    public SwitchParameter SeparateFolders { get; set; }

    /// <summary>
    /// The most of the destination's files or bytes that may be deleted, in percent; a mirror that would delete more
    /// fails before it deletes anything.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaxDeletePercent { get; set; } = BackupPlan.DefaultMaxDeletePercent;

    /// <summary>Whether this one mirror may delete as much as it likes.</summary>
    [Parameter]
    public SwitchParameter AllowDeletions { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var found = false;
        OrGoOn(() =>
        {
            if (LiteralPath != null)
                _sources.Add(PathArguments.Literal(this, LiteralPath, FailureKind.SourceMissing));
            else
                _sources.AddRange(PathArguments.Resolve(this, new[] { Path! }, FailureKind.SourceMissing));
            found = true;
        });
        _isRefused |= !found;
    }

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        OrGoOn(() =>
        {
            // One of several folders for one destination was not found: a mirror of what is left is not what was asked
            // for.
            if (_isRefused && !SeparateFolders)
                return;
            var destination = Literal(Destination, FailureKind.TargetMissing);
            var pairs = MirrorPairs.Of(_sources, destination, SeparateFolders, FileSystems.Current.Resolve);
            foreach (var (source, place) in pairs)
                OrGoOn(() => Mirror(source, place));
        });

    private void Mirror(string source, string destination)
    {
        var filter = new GlobFilter(Include, Exclude);
        if (
            !Ask(
                "Make " + destination + " a mirror of " + source,
                IsAsked ? Deletions(source, destination, filter) : ""
            )
        )
            return;
        MirrorResult Run(RunContext context, CancellationToken cancel) =>
            MirrorRun.Execute(
                source,
                destination,
                filter,
                MaxBytesPerSecond,
                context with
                {
                    AllowDeletions = AllowDeletions,
                },
                cancel,
                MaxDeletePercent
            );
        var result = Work(
            "Mirroring " + source,
            Run,
            _ => "Cancelled. " + destination + " is not a mirror of the source yet: run it again."
        );
        WriteObject(result);
        foreach (var warning in result.Warnings)
            WriteWarning(warning);
        WriteFailures(result.Failures, result.FailureCount, nameof(MirrorResult.Failures));
    }

    private string Deletions(string source, string destination, GlobFilter filter) =>
        Work(
            "Comparing",
            (context, cancel) =>
            {
                var files = context.Files;
                var survey = DeletionSurvey.Count(
                    files,
                    files.Resolve(source),
                    files.Resolve(destination),
                    filter,
                    false,
                    cancel
                );
                return survey.Files == 0
                    ? "Nothing would be deleted."
                    : Sentence.Count(survey.Files, "file")
                        + " ("
                        + HumanText.Size(survey.Bytes)
                        + ") in it would be deleted, because the source does not have "
                        + (survey.Files == 1 ? "it." : "them.")
                        + (
                            !AllowDeletions && DeletionGuard.IsTooMuch(survey, MaxDeletePercent)
                                ? " That is more than "
                                    + MaxDeletePercent
                                    + " % of it, so nothing would be deleted and the mirror would fail; see "
                                    + "-AllowDeletions."
                                : ""
                        );
            }
        );
}
