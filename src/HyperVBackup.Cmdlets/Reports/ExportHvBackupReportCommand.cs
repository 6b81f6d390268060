using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Reports;

namespace HyperVBackup.Cmdlets;

/// <summary>Writes a page that shows how the backups of this host stand.</summary>
[Cmdlet(VerbsData.Export, "HvBackupReport", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FileInfo))]
public sealed class ExportHvBackupReportCommand : HvCmdlet
{
    private readonly List<string> _targets = new();

    /// <summary>The file, taken as it is written.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath", "FilePath")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Targets to look at.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true)]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Target { get; set; } = Array.Empty<string>();

    /// <summary>How many runs are shown.</summary>
    [Parameter]
    [ValidateRange(1, ReportOptions.MostLast)]
    public int Last { get; set; } = ReportOptions.DefaultLast;

    /// <summary>The age from which a copy is too old.</summary>
    [Parameter]
    [AgeArgument]
    public TimeSpan StaleAfter { get; set; } = ReportOptions.DefaultStaleAfter;

    /// <summary>The page's title.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>Whether a file that is there stays.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Whether even a read-only file is replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether the file is written to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var target in Target)
            OrGoOn(() => _targets.AddRange(PathArguments.Resolve(this, new[] { target }, FailureKind.TargetMissing)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        OrEnd(() =>
        {
            var path = Literal(Path, FailureKind.FileMissing);
            if (!Ask("Write a report of the last " + Sentence.Count(Last, "run") + " to " + path))
                return;
            var options = new ReportOptions
            {
                Last = Last,
                StaleAfter = StaleAfter,
                Title = Title,
                Targets = _targets,
            };
            var model = Work(
                "Writing the report",
                (context, _) =>
                {
                    BackupReport.RequireWritable(context.Files, path, !NoClobber, Force);
                    context.Story(
                        "Reading the history in "
                            + context.State.Runs
                            + (_targets.Count == 0 ? "." : ", and what is on " + Sentence.List(_targets) + ".")
                    );
                    var read = BackupReport.Read(context, options);
                    BackupReport.Write(context.Files, path, BackupReport.ToHtml(read), !NoClobber, Force);
                    context.Story(
                        ReportText.Word(read.State)
                            + ": "
                            + Sentence.Count(read.RunCount, "run")
                            + ", "
                            + Sentence.Count(read.Stale.Count(), "stale backup")
                            + "."
                    );
                    return read;
                }
            );
            foreach (var warning in model.Unreadable)
                WriteWarning(warning);
            if (PassThru)
                WriteObject(new FileInfo(path));
        });
}
