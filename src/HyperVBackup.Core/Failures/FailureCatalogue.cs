using System;
using System.Collections.Generic;

namespace HyperVBackup.Failures;

/// <summary>The one table from a kind of failure to its stable name, its category and what to do.</summary>
public static class FailureCatalogue
{
    /// <summary>What is known about a kind of failure.</summary>
    /// <param name="Kind">The kind.</param>
    /// <param name="Category">The name of PowerShell's <c>ErrorCategory</c> that fits.</param>
    /// <param name="Template">What an administrator should do, in a sentence, with the words of both fronts (<see
    /// cref="FrontWords"/>).</param>
    public sealed record Row(FailureKind Kind, string Category, string Template)
    {
        /// <summary>What an administrator should do, in the words of this process's front.</summary>
        public string Advice => FrontWords.Of(Template);

        /// <summary>Stable: scripts may branch on it.</summary>
        public string ErrorId => "HvBackup." + Kind;
    }

    private static readonly Dictionary<FailureKind, Row> Rows = Index(
        new(FailureKind.Unexpected, "NotSpecified", "This is a defect. Please report it with the log of the run."),
        new(FailureKind.BadPlan, "InvalidArgument", "Correct the plan or the argument; nothing was touched."),
        new(FailureKind.SourceMissing, "ObjectNotFound", "Check the spelling, and that the volume is mounted."),
        new(
            FailureKind.TargetMissing,
            "ObjectNotFound",
            "Attach the disk, mount the share, or check the spelling; then run again. Sets on other targets were "
                + "not touched."
        ),
        new(FailureKind.FileMissing, "ObjectNotFound", "Check the path."),
        new(
            FailureKind.FileVanished,
            "ObjectNotFound",
            "Exclude the file, or back up from a shadow copy (provider vss, btrfs or reflink), then run again."
        ),
        new(
            FailureKind.SourceChanged,
            "InvalidData",
            "Back up from a shadow copy (provider vss, btrfs or reflink), stop the program that writes the file, or "
                + "exclude it."
        ),
        new(
            FailureKind.FileLocked,
            "ResourceBusy",
            "Close the program that holds the file, or back up from a shadow copy."
        ),
        new(FailureKind.AccessDenied, "PermissionDenied", "Run as administrator (root), or grant this account access."),
        new(
            FailureKind.ReadOnlyVolume,
            "PermissionDenied",
            "Remount the volume for writing, or choose another target."
        ),
        new(
            FailureKind.DiskFull,
            "LimitsExceeded",
            "Free space on the volume or raise the quota, then run again. No complete set was given up for it."
        ),
        new(FailureKind.IoError, "ReadError", "Check the disk, its cable and the system log."),
        new(
            FailureKind.OutOfResources,
            "LimitsExceeded",
            "End what uses up the memory or the open files of this computer, or raise the limit (ulimit -n), then try "
                + "again."
        ),
        new(
            FailureKind.NoAnswer,
            "OperationTimeout",
            "Try again. If it stays so, see the system log, and what serves this volume: the network, the server, the "
                + "driver."
        ),
        new(FailureKind.VolumeGone, "ResourceUnavailable", "Reattach the disk or the network share, then run again."),
        new(
            FailureKind.PathTooLong,
            "LimitsExceeded",
            "Shorten the folder names, or choose a target with a shorter path."
        ),
        new(
            FailureKind.NotSupported,
            "NotImplemented",
            "Choose a target whose file system can hold it, or exclude it."
        ),
        new(
            FailureKind.LinkRefused,
            "SecurityError",
            "Replace the link by a real folder, or name the folder it points to."
        ),
        new(
            FailureKind.DestinationExists,
            "ResourceExists",
            "Restore to an empty folder, or allow overwriting with {--force|-Force}."
        ),
        new(FailureKind.LockHeld, "ResourceBusy", "Wait for the other run to end, or cancel it."),
        new(
            FailureKind.LockLost,
            "ResourceBusy",
            "Leave the lock file alone: it is of no consequence when no run holds it. Find out who removed it, then run"
                + " again; the set is written first."
        ),
        new(
            FailureKind.ForeignSet,
            "ResourceExists",
            "Choose other set names or another target for this plan, or take the sets over with "
                + "{--take-over|-TakeOver}."
        ),
        new(FailureKind.SetMissing, "ObjectNotFound", "List what is there with {'hvbackup list'|Get-HvBackup}."),
        new(
            FailureKind.SetIncomplete,
            "InvalidData",
            "Choose a complete set; {'hvbackup list'|Get-HvBackup} shows them."
        ),
        new(
            FailureKind.StateDamaged,
            "InvalidData",
            "Do not trust this set. Use another one, and let a new run write this one again."
        ),
        new(
            FailureKind.BlockDamaged,
            "InvalidData",
            "Restore this file from another set, check the disk, and run the backup again."
        ),
        new(
            FailureKind.FileExtra,
            "InvalidData",
            "Find out who put it there; the next run that writes this set removes it."
        ),
        new(
            FailureKind.FileDiffers,
            "InvalidData",
            "Restore this file from another set, find out who changed it, and run the backup again."
        ),
        new(
            FailureKind.DiskDamaged,
            "InvalidData",
            "Check the virtual disk on the host (Test-VHD); restore it from another set."
        ),
        new(
            FailureKind.TooManyDeletions,
            "InvalidResult",
            "See whether all of the source is there; if so much is meant to go, run once with "
                + "{--allow-deletions|-AllowDeletions}."
        ),
        new(FailureKind.Cancelled, "OperationStopped", "Run again; the interrupted set will be written first."),
        new(
            FailureKind.LeftoverRemains,
            "ResourceUnavailable",
            "The next run tries again. Get-HvShadowSet shows what is there; Remove-HvShadowSet -Orphaned removes ours."
        ),
        new(
            FailureKind.ProviderUnavailable,
            "NotInstalled",
            "Choose a provider that this machine can do, with {--provider|-Provider} or in the plan."
        ),
        new(
            FailureKind.NotElevated,
            "PermissionDenied",
            "Start the shell with 'Run as administrator', or the task with highest privileges."
        ),
        new(
            FailureKind.ShadowFailed,
            "InvalidOperation",
            "See 'vssadmin list writers' and the Application event log (sources VSS and Hyper-V)."
        ),
        new(FailureKind.ShadowMissing, "ObjectNotFound", "List the shadow copies with Get-HvShadowSet."),
        new(
            FailureKind.ExposeFailed,
            "ResourceUnavailable",
            "Choose a free drive letter or an empty folder on an NTFS volume."
        ),
        new(
            FailureKind.WriterFailed,
            "InvalidResult",
            "Look at the writer with 'vssadmin list writers'; restarting its service usually resets it."
        ),
        new(
            FailureKind.ShadowStorageFull,
            "LimitsExceeded",
            "Free space, or raise the limit with 'vssadmin resize shadowstorage'."
        ),
        new(
            FailureKind.ShadowSetInProgress,
            "ResourceBusy",
            "Another backup program is creating shadow copies; schedule the two apart."
        ),
        new(FailureKind.TimedOut, "OperationTimeout", "Raise 'timeoutMinutes', or run when the disks are less busy."),
        new(
            FailureKind.VirtualMachine,
            "InvalidOperation",
            "See what the Hyper-V writer offers with Get-HvVirtualMachine."
        ),
        new(FailureKind.InsecurePermissions, "SecurityError", "Let only administrators write there."),
        new(FailureKind.TaskMissing, "ObjectNotFound", "List the tasks there are with Get-ScheduledTask."),
        new(
            FailureKind.TaskRefused,
            "InvalidOperation",
            "See the event log Microsoft-Windows-TaskScheduler/Operational, and the definition with -AsXml."
        )
    );

    /// <summary>The row of a kind. Every kind has one.</summary>
    public static Row Of(FailureKind kind) => Rows[kind];

    private static Dictionary<FailureKind, Row> Index(params Row[] rows)
    {
        var index = new Dictionary<FailureKind, Row>();
        foreach (var row in rows)
            index.Add(row.Kind, row);
        foreach (FailureKind kind in Enum.GetValues(typeof(FailureKind)))
            if (!index.ContainsKey(kind))
                throw new InvalidOperationException("No catalogue row for " + kind);
        return index;
    }
}
