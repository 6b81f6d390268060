namespace HyperVBackup.Shadows.Vss;

/// <summary>Who takes part in a shadow set and how long it lives (vss.h, VSS_SNAPSHOT_CONTEXT).</summary>
internal enum SnapshotContext : uint
{
    /// <summary>With writers; released with the instance that made it; cannot be exposed.</summary>
    Backup = 0,

    /// <summary>With writers; outlives the process; can be exposed.</summary>
    AppRollback = 0x09,

    /// <summary>To query, delete and expose what is there.</summary>
    All = 0xffffffff,
}

/// <summary>What kind of backup writers prepare for (vss.h, VSS_BACKUP_TYPE).</summary>
internal enum BackupType
{
    /// <summary>Everything; the backup history of the applications moves on.</summary>
    Full = 1,

    /// <summary>Everything; the backup history is left alone.</summary>
    Copy = 5,
}
