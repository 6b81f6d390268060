using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Text;

namespace HyperVBackup.Cli.Output;

/// <summary>A checked plan, for people.</summary>
internal static class CheckReport
{
    /// <summary>Writes it.</summary>
    public static void Write(Report report, PlanCheck check)
    {
        var (text, tone) = check.ExitCode switch
        {
            ExitCodes.Complete => ("can be used", Tone.Good),
            ExitCodes.Warnings => ("can be used, and there is something to know", Tone.Warning),
            _ => ("cannot be used as things are", Tone.Bad),
        };
        report.Line("The plan '" + check.Plan + "' " + text + ".", tone);
        if (check.Set.Length > 0)
            report.Line(
                "Run "
                    + check.Sequence
                    + " would write "
                    + check.Set
                    + (
                        check.Keeps == null
                            ? "; there is no complete set yet."
                            : "; " + check.Keeps + " stays as the last good one."
                    )
            );
        if (check.Provider.Length > 0)
            report.Line(
                "Read through "
                    + check.Provider
                    + ": "
                    + (check.Consistency == Consistency.None ? "nothing is frozen" : RunReport.Words(check.Consistency))
                    + "."
            );
        if (check.Sources.Count > 0)
        {
            report.Line();
            report.Table(Sources(check));
        }

        if (check.Targets.Count > 0)
        {
            report.Line();
            report.Table(Targets(check));
        }

        report.List(
            "Each file is flushed by itself there, because a flush of the whole is not known to reach the "
                + "medium; a server or program behind it has the last word:",
            check
                .Targets.Where(target => target.IsBehindAnother)
                .Select(target => target.Target + " (" + target.FileSystem + ")")
                .ToList(),
            Tone.Plain
        );
        report.List(
            "Virtual machines that their writer would capture:",
            check.Machines.Select(machine => machine.Name + ": " + Words(machine.Capture)).ToList(),
            Tone.Plain
        );
        report.List(
            "Removed once the new set is complete, because the plan does not keep them:",
            check.Removes,
            Tone.Plain
        );
        report.List("Left behind by earlier runs, and removed first:", check.Leftovers, Tone.Plain);
        report.List("What is not copied:", check.Notices, Tone.Plain);
        FailureText.AddWarnings(report, check.Warnings);
        report.List(
            check.Problems.Count == 1 ? "One problem:" : check.Problems.Count + " problems:",
            check.Problems.Select(problem => problem.ToString()).ToList(),
            Tone.Bad
        );
    }

    private static Table Sources(PlanCheck check)
    {
        var table = new Table(
            new("Source", Shrinks: true),
            new("Folder"),
            new("Files", true),
            new("Size", true),
            new("To", Shrinks: true)
        );
        foreach (var source in check.Sources)
            table.Add(
                source.Source,
                source.Folder,
                Number(source.Files),
                HumanText.Size(source.Bytes),
                string.Join(", ", source.Targets)
            );
        return table;
    }

    private static Table Targets(PlanCheck check)
    {
        var table = new Table(
            new("Target", Shrinks: true),
            new("System"),
            new("Set now"),
            new("Needs", true),
            new("Free", true),
            new("Deletes", true)
        );
        foreach (var target in check.Targets)
        {
            var now =
                target.Current == null ? (check.Set.Length == 0 ? "" : "new")
                : target.Current.State == Sets.SetCondition.Writing ? "incomplete"
                : target.Current.State.ToString().ToLowerInvariant() + (target.Current.FoundDamaged ? ", damaged" : "");
            table.Add(
                target.Target,
                target.FileSystem,
                now,
                HumanText.Size(target.NeededBytes) + (target.Fits ? "" : " !"),
                FreeOn(target),
                target.FilesToDelete == 0
                    ? ""
                    : Number(target.FilesToDelete) + " (" + HumanText.Size(target.BytesToDelete) + ")"
            );
        }

        return table;
    }

    private static string FreeOn(TargetCheck target) =>
        target.Volume.Length == 0 ? ""
        : target.TotalBytes == 0 ? "unknown"
        : HumanText.Size(target.FreeBytes);

    private static string Words(MachineCapture capture) =>
        capture switch
        {
            MachineCapture.Online => "goes on running",
            MachineCapture.SavedState => "is paused if it runs",
            MachineCapture.Off => "is off",
            _ => "is captured in a way its writer describes in unknown words",
        };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
