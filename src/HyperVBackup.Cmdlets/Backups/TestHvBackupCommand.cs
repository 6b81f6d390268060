using System;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets;

/// <summary>Checks sets against what was written: every file, every block.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HvBackup")]
[OutputType(typeof(VerifyReport))]
public sealed class TestHvBackupCommand : HvCmdlet
{
    /// <summary>The targets, or folders of sets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Target", "FullName")]
    [PathArgument]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = Array.Empty<string>();

    /// <summary>The set. None: the newest complete one.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SetNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Set { get; set; }

    /// <summary>Whether names, sizes, times and the structure of disks will do, without reading the content.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var path in Path)
            OrGoOn(() =>
            {
                foreach (var folder in PathArguments.Resolve(this, new[] { path }, FailureKind.TargetMissing))
                    OrGoOn(() => Test(folder));
            });
    }

    private void Test(string folder)
    {
        var request = new VerifyRequest
        {
            Path = folder,
            Set = Set,
            Quick = Quick,
        };
        var report = Work("Verifying " + folder, (context, cancel) => VerifyRun.Execute(request, context, cancel));
        foreach (var warning in report.Warnings)
            WriteWarning(warning);
        WriteVerbose(
            "Read "
                + HumanText.Size(report.BytesRead)
                + "; "
                + (
                    report.IsGood
                        ? "everything is as it was written."
                        : Sentence.Count(report.DamageCount, "damage")
                            + " found, "
                            + Sentence.Count(report.UnverifiedCount, "thing")
                            + " could not be verified."
                )
        );
        WriteObject(report);
        WriteFailures(
            report.Damages.Select(damage => damage.Failure).ToList(),
            report.DamageCount,
            nameof(VerifyReport.Damages)
        );
        WriteFailures(report.Unverified.ToList(), report.UnverifiedCount, nameof(VerifyReport.Unverified));
    }
}
