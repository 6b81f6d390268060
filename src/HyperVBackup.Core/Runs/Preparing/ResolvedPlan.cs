using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;

namespace HyperVBackup.Runs.Preparing;

/// <summary>Links in what people name are followed once, here; behind them nothing is.</summary>
internal static class ResolvedPlan
{
    /// <summary>The plan with the paths that its sources and targets have behind links.</summary>
    /// <exception cref="BackupException">A source cannot be looked at.</exception>
    public static BackupPlan Of(BackupPlan plan, IFileSystem files) =>
        plan with
        {
            VirtualMachineTargets = plan.VirtualMachineTargets.Select(target => ResolveTarget(files, target)).ToArray(),
            Jobs = plan.Jobs.Select(job => Of(job, files)).ToArray(),
        };

    /// <summary>A job of it.</summary>
    /// <exception cref="BackupException">Its source cannot be looked at.</exception>
    public static BackupJob Of(BackupJob job, IFileSystem files) =>
        job with
        {
            Folder = job.FolderName,
            Source = files.Resolve(job.Source),
            Targets = job.Targets.Select(target => ResolveTarget(files, target)).ToArray(),
        };

    private static string ResolveTarget(IFileSystem files, string target)
    {
        try
        {
            return files.Resolve(target);
        }
        catch (BackupException)
        {
            return target; // Opening it says what is wrong with it.
        }
    }
}
