using System;
using System.Linq;
using HyperVBackup.Machines;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets;

/// <summary>What is asked before a run: one question per set, with how much it is about.</summary>
internal static class Question
{
    /// <summary>Which set would be written where, from what.</summary>
    public static string About(RunPreview preview) =>
        "Write "
        + preview.Set
        + " on "
        + Sentence.List(preview.Targets.Select(target => target.Target))
        + " from "
        + Sentence.List(
            preview.Sources.Select(source =>
                source.StartsWith("vm:", StringComparison.Ordinal)
                    ? "the virtual machine " + source.Substring(3)
                    : source
            )
        );

    /// <summary>What it holds now, what would be deleted, what stays.</summary>
    public static string Details(RunPreview preview, DateTime now)
    {
        var current = preview.Targets.Select(target => target.Current).OfType<SetInfo>().ToList();
        var text = current.Count == 0 ? preview.Set + " is new." : preview.Set + " is " + Now(current, now) + ".";
        if (preview.FilesToDelete > 0)
            text +=
                " "
                + Sentence.Count(preview.FilesToDelete.Value, "file")
                + " ("
                + HumanText.Size(preview.BytesToDelete ?? 0)
                + ") in it that the sources no longer have would be deleted.";
        else if (preview.FilesToDelete == 0 && current.Count > 0)
            text += " Nothing in it would be deleted.";
        foreach (var target in preview.Targets.Where(target => !target.Fits))
            text +=
                " It may need "
                + HumanText.Size(target.NeededBytes)
                + " more on "
                + target.Target
                + ", where "
                + HumanText.Size(target.FreeBytes)
                + " are free.";
        var paused = preview
            .Machines.Where(machine => machine.Capture == MachineCapture.SavedState)
            .Select(machine => machine.Name)
            .ToList();
        if (paused.Count > 0)
            text +=
                " While it is captured, "
                + Sentence.List(paused)
                + (paused.Count == 1 ? " is" : " are")
                + " paused if running: the guest cannot take part.";
        if (preview.Removes.Count > 0)
            text +=
                " Then "
                + Sentence.List(preview.Removes.Select(set => set.Set))
                + " would be removed, which the plan does not keep.";
        foreach (var problem in preview.Targets.Select(target => target.Cost?.Problem).OfType<string>())
            text += " " + problem;
        return text
            + (
                preview.Keeps == null
                    ? " There is no complete backup yet."
                    : " " + preview.Keeps + " stays as the last good backup."
            );
    }

    private static string Now(System.Collections.Generic.List<SetInfo> current, DateTime now)
    {
        if (
            current.All(set => set.State == SetCondition.Complete) && current.Max(set => set.Completed) is { } completed
        )
            return "a complete backup of "
                + HumanText.Age(completed, now)
                + " ("
                + HumanText.Size(current.Sum(set => set.Bytes))
                + ")";
        if (current.Any(set => set.State == SetCondition.Unreadable))
            return "not readable";
        if (current.Any(set => set.State == SetCondition.Damaged))
            return "damaged";
        return current.All(set => set.State == SetCondition.Partial) ? "partial" : "incomplete";
    }
}
