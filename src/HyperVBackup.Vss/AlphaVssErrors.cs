using System;
using System.Collections.Generic;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Vss;

/// <summary>
/// From AlphaVSS's exceptions back to the HRESULT they were made of. AlphaVSS 2.0.3 (Error.cpp, GetExceptionForHr)
/// gives each code a type of its own and does not keep the number;
/// codes that it has no type for arrive as what .NET makes of them, which does.
/// </summary>
internal static class AlphaVssErrors
{
    private const string Namespace = "Alphaleonis.Win32.Vss";

    /// <summary>
    /// The codes by the names of the exceptions. By name, because the types exist where AlphaVSS does.
    /// </summary>
    public static IReadOnlyDictionary<string, int> Codes { get; } =
        new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["VssBadStateException"] = VssHResult.BadState,
            ["VssUnexpectedErrorException"] = VssHResult.Unexpected,
            ["VssProviderNotRegisteredException"] = unchecked((int)0x80042304),
            ["VssProviderVetoException"] = VssHResult.ProviderVeto,
            ["VssObjectNotFoundException"] = VssHResult.ObjectNotFound,
            ["VssVolumeNotSupportedException"] = VssHResult.VolumeNotSupported,
            ["VssObjectAlreadyExistsException"] = VssHResult.ObjectAlreadyExists,
            ["VssVolumeNotSupportedByProviderException"] = unchecked((int)0x8004230E),
            ["VssUnexpectedProviderErrorException"] = unchecked((int)0x8004230F),
            ["VssInvalidXmlDocumentException"] = unchecked((int)0x80042311),
            ["VssMaximumNumberOfVolumesReachedException"] = VssHResult.MaximumNumberOfVolumesReached,
            ["VssFlushWritesTimeoutException"] = VssHResult.FlushWritesTimeout,
            ["VssHoldWritesTimeoutException"] = VssHResult.HoldWritesTimeout,
            ["VssUnexpectedWriterErrorException"] = unchecked((int)0x80042315),
            ["VssSnapshotSetInProgressException"] = VssHResult.SnapshotSetInProgress,
            ["VssMaximumNumberOfSnapshotsReachedException"] = VssHResult.MaximumNumberOfSnapshotsReached,
            ["VssWriterInfrastructureException"] = unchecked((int)0x80042318),
            ["VssWriterNotRespondingException"] = VssHResult.WriterNotResponding,
            ["VssUnsupportedContextException"] = VssHResult.UnsupportedContext,
            ["VssVolumeInUseException"] = unchecked((int)0x8004231D),
            ["VssMaximumDiffAreaAssociationsReachedException"] = unchecked((int)0x8004231E),
            ["VssInsufficientStorageException"] = VssHResult.InsufficientStorage,
            ["VssRevertInProgressException"] = unchecked((int)0x80042325),
            ["VssRebootRequiredException"] = unchecked((int)0x80042327),
            ["VssTransactionFreezeTimeoutException"] = unchecked((int)0x80042328),
            ["VssTransactionThawTimeoutException"] = unchecked((int)0x80042329),
            ["VssUnselectedVolumeException"] = unchecked((int)0x8004232A),
            ["VssSnapshotNotInSetException"] = unchecked((int)0x8004232B),
            ["VssPartialFailureWriterException"] = VssHResult.WriterPartialFailure,
            ["VssInconsistentSnapshotWriterException"] = VssHResult.WriterInconsistentSnapshot,
            ["VssOutOfResourcesWriterException"] = VssHResult.WriterOutOfResources,
            ["VssTimeoutWriterException"] = VssHResult.WriterTimeout,
            ["VssRetryableWriterException"] = VssHResult.WriterRetryable,
            ["VssNonRetryableWriterException"] = VssHResult.WriterNonRetryable,
            ["VssLegacyProviderException"] = unchecked((int)0x800423F7),
            ["VssCannotRevertDiskIdException"] = unchecked((int)0x800423FE),
            ["VssResyncInProgressException"] = unchecked((int)0x800423FF),
            ["VssWriterStatusNotAvailableException"] = unchecked((int)0x80042409),
        };

    /// <summary>Any exception of an AlphaVSS member as the failure of a native call.</summary>
    public static VssCallException Translate(string call, Exception exception)
    {
        // Deleting a set wraps what went wrong; how many were deleted before that does not matter here.
        var cause =
            IsOfAlphaVss(exception, "VssDeleteSnapshotsFailedException") && exception.InnerException is { } inner
                ? inner
                : exception;
        return Codes.TryGetValue(cause.GetType().Name, out var code) && IsOfAlphaVss(cause, cause.GetType().Name)
            ? new VssCallException(call, code, null, inner: exception)
            : VssCallException.From(call, cause, "VSS");
    }

    private static bool IsOfAlphaVss(Exception exception, string name) =>
        exception.GetType().Name == name && exception.GetType().Namespace == Namespace;
}
