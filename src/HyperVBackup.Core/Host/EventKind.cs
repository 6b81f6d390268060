namespace HyperVBackup.Host;

/// <summary>
/// What the system's log is told. The numbers are the ids of the events: stable, because alarms are set on them. <see
/// cref="EventCatalogue"/> says what each means.
/// </summary>
public enum EventKind
{
    /// <summary>A backup is complete.</summary>
    BackupComplete = 1000,

    /// <summary>A backup is complete, and there is something to know.</summary>
    BackupWarnings = 1001,

    /// <summary>A backup failed.</summary>
    BackupFailed = 1002,

    /// <summary>A backup was cancelled.</summary>
    BackupCancelled = 1003,

    /// <summary>A plan was refused.</summary>
    PlanRefused = 1004,

    /// <summary>A backup did not begin, because another one was under way.</summary>
    LockHeld = 1005,

    /// <summary>What an earlier run left was removed.</summary>
    LeftoversRemoved = 1010,

    /// <summary>What an earlier run left could not be removed.</summary>
    LeftoversRemain = 1011,

    /// <summary>A set was verified and is good.</summary>
    SetGood = 1020,

    /// <summary>A set was verified and is damaged.</summary>
    SetDamaged = 1021,

    /// <summary>A set could not be verified, or not all of it.</summary>
    SetNotVerified = 1022,

    /// <summary>A restore is complete.</summary>
    RestoreComplete = 1030,

    /// <summary>A restore did not bring back every file.</summary>
    RestoreFailed = 1031,
}

/// <summary>How bad it is.</summary>
public enum EventLevel
{
    /// <summary>All is well.</summary>
    Information,

    /// <summary>Somebody should look at it.</summary>
    Warning,

    /// <summary>Somebody must do something.</summary>
    Error,
}
