using HyperVBackup.Sets;

namespace HyperVBackup.Failures;

/// <summary>
/// What a process says to Task Scheduler, cron and scripts: the same of <c>hvbackup</c>, of results and of exceptions.
/// Stable.
/// </summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Complete = 0;

    /// <summary>Failed or cancelled; no new complete set.</summary>
    public const int Failed = 1;

    /// <summary>The arguments or the plan are wrong; nothing was touched.</summary>
    public const int BadArguments = 2;

    /// <summary>Done, and there is something to know.</summary>
    public const int Warnings = 3;

    /// <summary>Another run holds the lock.</summary>
    public const int LockHeld = 4;

    /// <summary>A set is not as it was committed.</summary>
    public const int Damage = 5;

    /// <summary>The code for work that ended with this failure.</summary>
    public static int Of(FailureKind kind) =>
        kind switch
        {
            FailureKind.BadPlan => BadArguments,
            FailureKind.LockHeld => LockHeld,
            FailureKind.StateDamaged
            or FailureKind.BlockDamaged
            or FailureKind.FileDiffers
            or FailureKind.FileExtra
            or FailureKind.DiskDamaged => Damage,
            _ => Failed,
        };
}
