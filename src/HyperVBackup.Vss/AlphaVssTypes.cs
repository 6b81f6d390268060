using System;
using System.Collections.Generic;
using System.Linq;
using Alphaleonis.Win32.Vss;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Vss;

/// <summary>
/// AlphaVSS's data as ours. What AlphaVSS hands out for examination is disposed as soon as it is read.
/// </summary>
internal static class AlphaVssTypes
{
    public static WriterMetadata Writer(IVssExamineWriterMetadata native)
    {
        using (native)
            return new WriterMetadata(
                native.WriterId,
                native.InstanceId,
                native.WriterName ?? "",
                native.Components.Select(Component).ToList(),
                native.SaveAsXml()
            );
    }

    public static WriterStatus Status(VssWriterStatusInfo native) =>
        new(
            native.InstanceId,
            native.ClassId,
            native.Name ?? "",
            (WriterState)native.State,
            unchecked((int)native.Failure),
            native.ApplicationErrorCode,
            native.ApplicationErrorMessage
        );

    public static IEnumerable<ComponentOutcome> Outcomes(IVssWriterComponents native)
    {
        using (native as IDisposable)
            return native
                .Components.Select(component => Outcome(component, native.InstanceId, native.WriterId))
                .ToList();
    }

    public static SnapshotProperties Snapshot(VssSnapshotProperties native) =>
        new()
        {
            SnapshotId = native.SnapshotId,
            SnapshotSetId = native.SnapshotSetId,
            DeviceObject = native.SnapshotDeviceObject,
            OriginalVolume = native.OriginalVolumeName,
            ExposedName = string.IsNullOrEmpty(native.ExposedName) ? null : native.ExposedName,
            ExposedPath = string.IsNullOrEmpty(native.ExposedPath) ? null : native.ExposedPath,
            Attributes = (int)native.SnapshotAttributes,

            // AlphaVSS gives local time.
            Created = native.CreationTimestamp.ToUniversalTime(),
        };

    private static WriterComponent Component(IVssWMComponent native)
    {
        using (native)
            return new WriterComponent(
                (ComponentType)native.Type,
                native.LogicalPath,
                native.ComponentName,
                native.Caption,
                native.Selectable,
                native.Files.Select(File).ToList()
            );
    }

    private static WriterFile File(VssWMFileDescriptor native) =>
        new(
            native.Path ?? "",
            native.FileSpecification ?? "",
            native.IsRecursive,
            string.IsNullOrEmpty(native.AlternateLocation) ? null : native.AlternateLocation
        );

    private static ComponentOutcome Outcome(IVssComponent native, Guid instanceId, Guid writerId)
    {
        using (native)
        {
            var failure = Failure(native);
            var key = new ComponentKey(
                instanceId,
                writerId,
                (ComponentType)native.ComponentType,
                native.LogicalPath,
                native.ComponentName
            );
            return new ComponentOutcome(
                key,
                failure?.ErrorCode ?? 0,
                failure?.ApplicationErrorCode ?? 0,
                FirstOf(failure?.ApplicationMessage, native.PostSnapshotFailureMsg, native.PrepareForBackupFailureMsg)
            );
        }
    }

    // AlphaVSS throws where a component's failure cannot be asked for. That must not hide the other components.
    private static VssComponentFailure? Failure(IVssComponent native)
    {
        try
        {
            return native.Failure;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static string? FirstOf(params string?[] messages) =>
        messages.FirstOrDefault(message => !string.IsNullOrWhiteSpace(message));
}
