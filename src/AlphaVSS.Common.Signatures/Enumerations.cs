using System;

namespace Alphaleonis.Win32.Vss;

#pragma warning disable CA1008, CA1028, CA2217 // The values are those of Windows.
public enum VssSnapshotContext : uint
{
    Backup = 0,
    FileShareBackup = 0x10,
    NasRollback = 0x19,
    AppRollback = 0x09,
    ClientAccessible = 0x1d,
    All = 0xffffffff,
}

public enum VssBackupType
{
    Undefined = 0,
    Full = 1,
    Incremental = 2,
    Differential = 3,
    Log = 4,
    Copy = 5,
    Other = 6,
}

public enum VssComponentType
{
    Undefined = 0,
    Database = 1,
    FileGroup = 2,
}

[Flags]
public enum VssVolumeSnapshotAttributes
{
    Persistent = 0x1,
    NoAutoRecovery = 0x2,
    ClientAccessible = 0x4,
    NoAutoRelease = 0x8,
    NoWriters = 0x10,
    ExposedLocally = 0x100000,
    ExposedRemotely = 0x200000,
}

public enum VssWriterState
{
    Unknown = 0,
    Stable = 1,
    WaitingForFreeze = 2,
    WaitingForThaw = 3,
    WaitingForPostSnapshot = 4,
    WaitingForBackupComplete = 5,
    FailedAtIdentify = 6,
    FailedAtPrepareBackup = 7,
    FailedAtPrepareSnapshot = 8,
    FailedAtFreeze = 9,
    FailedAtThaw = 10,
    FailedAtPostSnapshot = 11,
    FailedAtBackupComplete = 12,
    FailedAtPreRestore = 13,
    FailedAtPostRestore = 14,
    FailedAtBackupShutdown = 15,
}

public enum VssSnapshotState
{
    Unknown = 0,
    Created = 0x0C,
}

public enum VssError : uint
{
    Success = 0,
}

[Flags]
public enum VssFileSpecificationBackupType
{
    Unknown = 0,
}
