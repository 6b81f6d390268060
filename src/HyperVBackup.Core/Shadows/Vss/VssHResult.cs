using System.Collections.Generic;
using System.Globalization;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>What may be tried after a failure.</summary>
internal enum VssRetry
{
    /// <summary>Nothing: it would fail again.</summary>
    No,

    /// <summary>The same call on the same instance, after some seconds.</summary>
    SameRequest,

    /// <summary>Everything anew on a new instance, later.</summary>
    NewInstance,

    /// <summary>Our own leftovers go first; then a new instance, if there were any.</summary>
    FreeStorage,

    /// <summary>Nothing, until the request names the volume it lacks.</summary>
    CompleteRequest,
}

/// <summary>
/// The one table of result codes: name, what may be tried, how it is reported. Codes and meanings are those of
/// vsserror.h, of winerror.h, and of
/// "Event and Error Handling Under VSS" in the Windows SDK's documentation.
/// </summary>
/// <param name="Code">The HRESULT.</param>
/// <param name="Name">Its symbolic name.</param>
/// <param name="Retry">What may be tried.</param>
/// <param name="Kind">How it is reported.</param>
/// <param name="Meaning">What it means, in a clause.</param>
/// <param name="Advice">What an administrator should do, where the kind's own advice is too general.</param>
internal sealed record VssHResult(
    int Code,
    string Name,
    VssRetry Retry,
    FailureKind Kind,
    string Meaning,
    string? Advice = null
)
{
    public const int AccessDenied = unchecked((int)0x80070005);
    public const int NotImplemented = unchecked((int)0x80004001);
    public const int InvalidArgument = unchecked((int)0x80070057);
    public const int OutOfMemory = unchecked((int)0x8007000E);
    public const int ServiceDisabled = unchecked((int)0x80070422);
    public const int BadState = unchecked((int)0x80042301);
    public const int Unexpected = unchecked((int)0x80042302);
    public const int ProviderVeto = unchecked((int)0x80042306);
    public const int ObjectNotFound = unchecked((int)0x80042308);
    public const int AsyncCancelled = 0x0004230B;
    public const int VolumeNotSupported = unchecked((int)0x8004230C);
    public const int ObjectAlreadyExists = unchecked((int)0x8004230D);
    public const int MaximumNumberOfVolumesReached = unchecked((int)0x80042312);
    public const int FlushWritesTimeout = unchecked((int)0x80042313);
    public const int HoldWritesTimeout = unchecked((int)0x80042314);
    public const int SnapshotSetInProgress = unchecked((int)0x80042316);
    public const int MaximumNumberOfSnapshotsReached = unchecked((int)0x80042317);
    public const int WriterNotResponding = unchecked((int)0x80042319);
    public const int UnsupportedContext = unchecked((int)0x8004231B);
    public const int InsufficientStorage = unchecked((int)0x8004231F);
    public const int NestedVolumeLimit = unchecked((int)0x8004232C);
    public const int WriterInconsistentSnapshot = unchecked((int)0x800423F0);
    public const int WriterOutOfResources = unchecked((int)0x800423F1);
    public const int WriterTimeout = unchecked((int)0x800423F2);
    public const int WriterRetryable = unchecked((int)0x800423F3);
    public const int WriterNonRetryable = unchecked((int)0x800423F4);
    public const int WriterPartialFailure = unchecked((int)0x80042336);

    private const string SeeWriters =
        "Look at the writer with 'vssadmin list writers' and in the Application event log; restarting its service "
        + "usually resets it.";

    /// <summary>Every row of the table.</summary>
    public static IReadOnlyCollection<VssHResult> All => Rows.Values;

    private static readonly Dictionary<int, VssHResult> Rows = Index(
        new(
            AccessDenied,
            "E_ACCESSDENIED",
            VssRetry.No,
            FailureKind.NotElevated,
            "this account may not make shadow copies"
        ),
        new(InvalidArgument, "E_INVALIDARG", VssRetry.No, FailureKind.ShadowFailed, "an argument is not valid"),
        new(
            OutOfMemory,
            "E_OUTOFMEMORY",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "out of memory or of other system resources"
        ),
        new(
            unchecked((int)0x8000FFFF),
            "E_UNEXPECTED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "an error that the event log tells more about"
        ),
        new(
            NotImplemented,
            "E_NOTIMPL",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "this version of Windows or the snapshot provider does not support it"
        ),
        new(
            unchecked((int)0x80004005),
            "E_FAIL",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "an error without further details"
        ),
        new(
            unchecked((int)0x80040154),
            "REGDB_E_CLASSNOTREG",
            VssRetry.No,
            FailureKind.ProviderUnavailable,
            "the Volume Shadow Copy service is not registered on this machine",
            "Repair Windows (sfc /scannow); the VSS service must exist and may be set to manual start."
        ),
        new(
            ServiceDisabled,
            "ERROR_SERVICE_DISABLED",
            VssRetry.No,
            FailureKind.ProviderUnavailable,
            "a service that shadow copies need is disabled",
            "Enable the services 'Volume Shadow Copy' (VSS) and 'Microsoft Software Shadow Copy Provider' (swprv); "
                + "manual start is enough."
        ),
        new(
            unchecked((int)0x800706BA),
            "RPC_S_SERVER_UNAVAILABLE",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the Volume Shadow Copy service does not answer",
            "Restart the service 'Volume Shadow Copy' (VSS), then run again."
        ),
        new(
            unchecked((int)0x800706BE),
            "RPC_S_CALL_FAILED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the Volume Shadow Copy service ended during the call",
            "See the Application event log for the crash, then run again."
        ),
        new(
            BadState,
            "VSS_E_BAD_STATE",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the call does not fit the state of the backup"
        ),
        new(
            Unexpected,
            "VSS_E_UNEXPECTED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "an error that the event log tells more about"
        ),
        new(
            unchecked((int)0x80042303),
            "VSS_E_PROVIDER_ALREADY_REGISTERED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider is registered already"
        ),
        new(
            unchecked((int)0x80042304),
            "VSS_E_PROVIDER_NOT_REGISTERED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider is not registered",
            "See 'vssadmin list providers'."
        ),
        new(
            ProviderVeto,
            "VSS_E_PROVIDER_VETO",
            VssRetry.NewInstance,
            FailureKind.ShadowFailed,
            "the snapshot provider refused; the event log says why",
            "See the System and Application event logs (sources volsnap and VSS), and 'vssadmin list providers'."
        ),
        new(
            unchecked((int)0x80042307),
            "VSS_E_PROVIDER_IN_USE",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider is in use"
        ),
        new(
            ObjectNotFound,
            "VSS_E_OBJECT_NOT_FOUND",
            VssRetry.No,
            FailureKind.ShadowMissing,
            "there is no such shadow copy, component or volume"
        ),
        new(
            AsyncCancelled,
            "VSS_S_ASYNC_CANCELLED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the operation was cancelled, but not by us"
        ),
        new(
            VolumeNotSupported,
            "VSS_E_VOLUME_NOT_SUPPORTED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "no snapshot provider can freeze this volume",
            "Only volumes with NTFS or ReFS on local disks or Cluster Shared Volumes can be frozen; leave out the "
                + "others (FAT, removable media, network shares)."
        ),
        new(
            unchecked((int)0x8004230E),
            "VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider cannot freeze this volume",
            "Only volumes with NTFS or ReFS on local disks or Cluster Shared Volumes can be frozen; leave out the "
                + "others (FAT, removable media, network shares)."
        ),
        new(
            ObjectAlreadyExists,
            "VSS_E_OBJECT_ALREADY_EXISTS",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the object is there already"
        ),
        new(
            unchecked((int)0x8004230F),
            "VSS_E_UNEXPECTED_PROVIDER_ERROR",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider failed; the event log says why"
        ),
        new(
            unchecked((int)0x80042310),
            "VSS_E_CORRUPT_XML_DOCUMENT",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "a writer's metadata document is damaged",
            SeeWriters
        ),
        new(
            unchecked((int)0x80042311),
            "VSS_E_INVALID_XML_DOCUMENT",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "a writer's metadata document is not valid",
            SeeWriters
        ),
        new(
            MaximumNumberOfVolumesReached,
            "VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "more volumes than one shadow set can hold (64)",
            "Split the plan, so that each part needs at most 64 volumes."
        ),
        new(
            FlushWritesTimeout,
            "VSS_E_FLUSH_WRITES_TIMEOUT",
            VssRetry.NewInstance,
            FailureKind.ShadowFailed,
            "the volumes could not be flushed in time",
            "Run when the disks are less busy."
        ),
        new(
            HoldWritesTimeout,
            "VSS_E_HOLD_WRITES_TIMEOUT",
            VssRetry.NewInstance,
            FailureKind.ShadowFailed,
            "writes could not be held back long enough (about 10 seconds)",
            "Run when the disks are less busy."
        ),
        new(
            unchecked((int)0x80042315),
            "VSS_E_UNEXPECTED_WRITER_ERROR",
            VssRetry.No,
            FailureKind.WriterFailed,
            "the service could not talk to the writers",
            SeeWriters
        ),
        new(
            SnapshotSetInProgress,
            "VSS_E_SNAPSHOT_SET_IN_PROGRESS",
            VssRetry.SameRequest,
            FailureKind.ShadowSetInProgress,
            "another shadow set is being created"
        ),
        new(
            MaximumNumberOfSnapshotsReached,
            "VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED",
            VssRetry.FreeStorage,
            FailureKind.ShadowStorageFull,
            "the volume has as many shadow copies as it can (512)",
            "Remove shadow copies that nobody needs: Get-HvShadowSet shows them all, Remove-HvShadowSet removes by id."
        ),
        new(
            unchecked((int)0x80042318),
            "VSS_E_WRITER_INFRASTRUCTURE",
            VssRetry.No,
            FailureKind.WriterFailed,
            "the writers cannot be reached",
            "Restart the services 'COM+ Event System' and 'Volume Shadow Copy'."
        ),
        new(
            WriterNotResponding,
            "VSS_E_WRITER_NOT_RESPONDING",
            VssRetry.NewInstance,
            FailureKind.WriterFailed,
            "the writer does not answer; the machine may be too busy",
            SeeWriters
        ),
        new(
            unchecked((int)0x8004231A),
            "VSS_E_WRITER_ALREADY_SUBSCRIBED",
            VssRetry.No,
            FailureKind.WriterFailed,
            "the writer has subscribed already"
        ),
        new(
            UnsupportedContext,
            "VSS_E_UNSUPPORTED_CONTEXT",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider does not support this kind of shadow copy"
        ),
        new(
            unchecked((int)0x8004231D),
            "VSS_E_VOLUME_IN_USE",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the volume is in use"
        ),
        new(
            unchecked((int)0x8004231E),
            "VSS_E_MAXIMUM_DIFFAREA_ASSOCIATIONS_REACHED",
            VssRetry.No,
            FailureKind.ShadowStorageFull,
            "no further shadow storage area can be added",
            "See 'vssadmin list shadowstorage'."
        ),
        new(
            InsufficientStorage,
            "VSS_E_INSUFFICIENT_STORAGE",
            VssRetry.FreeStorage,
            FailureKind.ShadowStorageFull,
            "there is no room for the shadow copy"
        ),
        new(
            unchecked((int)0x80042320),
            "VSS_E_NO_SNAPSHOTS_IMPORTED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "no shadow copy was imported"
        ),
        new(
            unchecked((int)0x80042321),
            "VSS_E_SOME_SNAPSHOTS_NOT_IMPORTED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "some shadow copies were not imported"
        ),
        new(
            unchecked((int)0x80042325),
            "VSS_E_REVERT_IN_PROGRESS",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the volume is being reverted to a shadow copy"
        ),
        new(
            unchecked((int)0x80042327),
            "VSS_E_REBOOT_REQUIRED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "Windows must be restarted first",
            "Restart the host."
        ),
        new(
            unchecked((int)0x80042328),
            "VSS_E_TRANSACTION_FREEZE_TIMEOUT",
            VssRetry.NewInstance,
            FailureKind.ShadowFailed,
            "the file system's transactions could not be frozen in time",
            "Run when the disks are less busy."
        ),
        new(
            unchecked((int)0x80042329),
            "VSS_E_TRANSACTION_THAW_TIMEOUT",
            VssRetry.NewInstance,
            FailureKind.ShadowFailed,
            "too much time passed between freezing and thawing transactions",
            "Run when the disks are less busy."
        ),
        new(
            unchecked((int)0x8004232A),
            "VSS_E_UNSELECTED_VOLUME",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the volume is not selected"
        ),
        new(
            unchecked((int)0x8004232B),
            "VSS_E_SNAPSHOT_NOT_IN_SET",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the shadow copy is not in the set"
        ),
        new(
            NestedVolumeLimit,
            "VSS_E_NESTED_VOLUME_LIMIT",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "one of the volumes lies in a virtual disk on another volume",
            "A volume inside an attached virtual disk and the volume that holds the disk's file cannot be in one "
                + "set: detach the disk, or split the plan."
        ),
        new(
            unchecked((int)0x8004232D),
            "VSS_E_VOLUME_NOT_LOCAL",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the Cluster Shared Volume is not owned by this node"
        ),
        new(
            unchecked((int)0x8004232E),
            "VSS_E_CLUSTER_TIMEOUT",
            VssRetry.NewInstance,
            FailureKind.ShadowFailed,
            "the cluster did not answer in time"
        ),
        new(
            unchecked((int)0x8004232F),
            "VSS_E_NOT_SUPPORTED",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "it is not supported"
        ),
        new(
            WriterPartialFailure,
            "VSS_E_WRITERERROR_PARTIAL_FAILURE",
            VssRetry.No,
            FailureKind.WriterFailed,
            "the writer failed for some of its components",
            SeeWriters
        ),
        new(
            WriterInconsistentSnapshot,
            "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT",
            VssRetry.CompleteRequest,
            FailureKind.WriterFailed,
            "the shadow set lacks a volume that a component needs",
            "Add the missing volume: let the plan name the virtual machine instead of folders, or name a folder on "
                + "every volume the machine uses."
        ),
        new(
            WriterOutOfResources,
            "VSS_E_WRITERERROR_OUTOFRESOURCES",
            VssRetry.NewInstance,
            FailureKind.WriterFailed,
            "the writer ran out of memory or of other resources",
            SeeWriters
        ),
        new(
            WriterTimeout,
            "VSS_E_WRITERERROR_TIMEOUT",
            VssRetry.NewInstance,
            FailureKind.WriterFailed,
            "too much time passed between freezing and thawing the writer",
            "Run when the host is less busy. " + SeeWriters
        ),
        new(
            WriterRetryable,
            "VSS_E_WRITERERROR_RETRYABLE",
            VssRetry.NewInstance,
            FailureKind.WriterFailed,
            "the writer failed in a way that may pass",
            SeeWriters
        ),
        new(
            WriterNonRetryable,
            "VSS_E_WRITERERROR_NONRETRYABLE",
            VssRetry.No,
            FailureKind.WriterFailed,
            "the writer failed in a way that will not pass by itself",
            SeeWriters
        ),
        new(
            unchecked((int)0x800423F5),
            "VSS_E_WRITERERROR_RECOVERY_FAILED",
            VssRetry.No,
            FailureKind.WriterFailed,
            "the writer could not recover its data in the shadow copy",
            SeeWriters
        ),
        new(
            unchecked((int)0x800423F7),
            "VSS_E_LEGACY_PROVIDER",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the snapshot provider is too old for this"
        ),
        new(
            unchecked((int)0x800423FB),
            "VSS_E_AUTORECOVERY_FAILED",
            VssRetry.No,
            FailureKind.WriterFailed,
            "data could not be recovered in the shadow copy",
            SeeWriters
        ),
        new(
            unchecked((int)0x800423FF),
            "VSS_E_RESYNC_IN_PROGRESS",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the volume is being resynchronised"
        ),
        new(
            unchecked((int)0x80042400),
            "VSS_E_CLUSTER_ERROR",
            VssRetry.No,
            FailureKind.ShadowFailed,
            "the cluster reported an error",
            "See the FailoverClustering event log."
        ),
        new(
            unchecked((int)0x80042409),
            "VSS_E_WRITER_STATUS_NOT_AVAILABLE",
            VssRetry.NewInstance,
            FailureKind.WriterFailed,
            "the writer's status is not available; it may serve too many backups at once",
            SeeWriters
        )
    );

    /// <summary>Its name and number, as failures show them.</summary>
    public string Text => string.Format(CultureInfo.InvariantCulture, "{0} (0x{1:X8})", Name, Code);

    /// <summary>The row of a code; a plain one for a code that the table does not know.</summary>
    public static VssHResult Of(int code) =>
        Rows.TryGetValue(code, out var row)
            ? row
            : new VssHResult(
                code,
                "HRESULT",
                VssRetry.No,
                FailureKind.ShadowFailed,
                "an error this program has no words for"
            );

    private static Dictionary<int, VssHResult> Index(params VssHResult[] rows)
    {
        var index = new Dictionary<int, VssHResult>();
        foreach (var row in rows)
            index.Add(row.Code, row);
        return index;
    }
}
