namespace HyperVBackup.Failures;

/// <summary>
/// What went wrong, in one vocabulary for the engine, the command line and the cmdlets. <see cref="FailureCatalogue"/>
/// says what to do about each.
/// </summary>
public enum FailureKind
{
    /// <summary>Something this program did not foresee. A defect of ours.</summary>
    Unexpected,

    /// <summary>The plan, or an argument, is wrong. Nothing was touched.</summary>
    BadPlan,

    /// <summary>A source folder of the plan is not there.</summary>
    SourceMissing,

    /// <summary>A target is not there: unplugged, not mounted, misspelt.</summary>
    TargetMissing,

    /// <summary>A file or folder that should be there is not.</summary>
    FileMissing,

    /// <summary>A source file was there when its folder was listed and gone when it was to be read.</summary>
    FileVanished,

    /// <summary>A source file changed while it was read, so its copy is no one instant of it.</summary>
    SourceChanged,

    /// <summary>Another program holds the file open and does not share it.</summary>
    FileLocked,

    /// <summary>The operating system refused access.</summary>
    AccessDenied,

    /// <summary>The file system is mounted or marked read-only.</summary>
    ReadOnlyVolume,

    /// <summary>No space is left on the volume, or a quota is used up.</summary>
    DiskFull,

    /// <summary>The device reported an error.</summary>
    IoError,

    /// <summary>
    /// This process, or the computer, is at one of its limits just now: open files, memory, buffers. It says nothing of
    /// the file.
    /// </summary>
    OutOfResources,

    /// <summary>
    /// What holds the file did not answer, or not in time, or the call was interrupted, or the system gave an error
    /// that has no name here. It says nothing of the file.
    /// </summary>
    NoAnswer,

    /// <summary>The volume went away while it was in use.</summary>
    VolumeGone,

    /// <summary>The name or path is longer than the file system takes.</summary>
    PathTooLong,

    /// <summary>The file system cannot hold this: a kind of link, a file of this size, a name.</summary>
    NotSupported,

    /// <summary>A link stands where a real file or folder must be; it is not followed.</summary>
    LinkRefused,

    /// <summary>A file of the destination exists and may not be overwritten.</summary>
    DestinationExists,

    /// <summary>Another run holds the lock of this state folder or target.</summary>
    LockHeld,

    /// <summary>
    /// The lock that this run took is not its own any more: somebody has removed or replaced the lock file.
    /// </summary>
    LockLost,

    /// <summary>The sets on the target belong to another plan or another host.</summary>
    ForeignSet,

    /// <summary>The target holds no set of that name, or none at all.</summary>
    SetMissing,

    /// <summary>The set is not complete.</summary>
    SetIncomplete,

    /// <summary>A file of ours (set.json, a manifest, the journal) is damaged, forged or of a newer version.</summary>
    StateDamaged,

    /// <summary>A block of a file in a set does not have the hash of its manifest.</summary>
    BlockDamaged,

    /// <summary>A file in a set that no manifest knows.</summary>
    FileExtra,

    /// <summary>A file in a set whose size, time or kind is not what its manifest says.</summary>
    FileDiffers,

    /// <summary>The structure of a virtual disk is damaged, or its chain of parents is broken.</summary>
    DiskDamaged,

    /// <summary>More would be deleted from a copy than the plan allows at once.</summary>
    TooManyDeletions,

    /// <summary>The run was cancelled.</summary>
    Cancelled,

    /// <summary>Something of an earlier or this run (a shadow copy, a mount point) could not be removed.</summary>
    LeftoverRemains,

    /// <summary>This machine or these file systems cannot do what the shadow provider needs.</summary>
    ProviderUnavailable,

    /// <summary>The process has no administrator rights.</summary>
    NotElevated,

    /// <summary>A shadow copy could not be made.</summary>
    ShadowFailed,

    /// <summary>The shadow copy, or what it was exposed as, is not there.</summary>
    ShadowMissing,

    /// <summary>A drive letter, folder or share to expose at is taken or not usable.</summary>
    ExposeFailed,

    /// <summary>A VSS writer reports that it failed.</summary>
    WriterFailed,

    /// <summary>The Volume Shadow Copy service has no room for another shadow copy.</summary>
    ShadowStorageFull,

    /// <summary>Another shadow copy is being created on this machine, and did not end within the deadline.</summary>
    ShadowSetInProgress,

    /// <summary>The deadline passed.</summary>
    TimedOut,

    /// <summary>A virtual machine is not known to the Hyper-V writer, or cannot be captured as asked.</summary>
    VirtualMachine,

    /// <summary>Others may change, or read, what only administrators should.</summary>
    InsecurePermissions,

    /// <summary>There is no such scheduled task.</summary>
    TaskMissing,

    /// <summary>Task Scheduler refuses a task.</summary>
    TaskRefused,
}
