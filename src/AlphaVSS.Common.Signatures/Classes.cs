using System;

namespace Alphaleonis.Win32.Vss;

public class VssFactoryProvider : IVssFactoryProvider
{
    public VssFactoryProvider(IVssAssemblyResolver resolver) { }

    public IVssFactory GetVssFactory() =>
        throw new NotSupportedException("This assembly is for compiling only; AlphaVSS itself makes shadow copies.");
}

public class VssSnapshotProperties
{
    public VssSnapshotProperties(
        Guid snapshotId,
        Guid snapshotSetId,
        long snapshotCount,
        string snapshotDeviceObject,
        string originalVolumeName,
        string originatingMachine,
        string serviceMachine,
        string exposedName,
        string exposedPath,
        Guid providerId,
        VssVolumeSnapshotAttributes snapshotAttributes,
        DateTime creationTimestamp,
        VssSnapshotState snapshotState
    )
    {
        SnapshotId = snapshotId;
        SnapshotSetId = snapshotSetId;
        SnapshotDeviceObject = snapshotDeviceObject;
        OriginalVolumeName = originalVolumeName;
        ExposedName = exposedName;
        ExposedPath = exposedPath;
        SnapshotAttributes = snapshotAttributes;
        CreationTimestamp = creationTimestamp;
        Status = snapshotState;
    }

    public Guid SnapshotId { get; private set; }

    public Guid SnapshotSetId { get; private set; }

    public string SnapshotDeviceObject { get; private set; }

    public string OriginalVolumeName { get; private set; }

    public string ExposedName { get; private set; }

    public string ExposedPath { get; private set; }

    public VssVolumeSnapshotAttributes SnapshotAttributes { get; private set; }

    public DateTime CreationTimestamp { get; private set; }

    public VssSnapshotState Status { get; private set; }
}

public class VssWMFileDescriptor
{
    public VssWMFileDescriptor(
        string alternateLocation,
        VssFileSpecificationBackupType backupTypeMask,
        string fileSpecification,
        string path,
        bool isRecursive
    )
    {
        AlternateLocation = alternateLocation;
        FileSpecification = fileSpecification;
        Path = path;
        IsRecursive = isRecursive;
    }

    public string AlternateLocation { get; private set; }

    public string FileSpecification { get; private set; }

    public string Path { get; private set; }

    public bool IsRecursive { get; private set; }
}

public class VssWriterStatusInfo
{
    public VssWriterStatusInfo(
        Guid instanceId,
        Guid writerClassId,
        string writerName,
        VssWriterState state,
        VssError failure,
        int? applicationErrorCode,
        string applicationErrorMessage
    )
    {
        InstanceId = instanceId;
        ClassId = writerClassId;
        Name = writerName;
        State = state;
        Failure = failure;
        ApplicationErrorCode = applicationErrorCode;
        ApplicationErrorMessage = applicationErrorMessage;
    }

    public Guid InstanceId { get; private set; }

    public Guid ClassId { get; private set; }

    public string Name { get; private set; }

    public VssWriterState State { get; private set; }

    public VssError Failure { get; private set; }

    public int? ApplicationErrorCode { get; private set; }

    public string ApplicationErrorMessage { get; private set; }
}

public class VssComponentFailure
{
    public VssComponentFailure(int errorCode, int applicationErrorCode, string applicationMessage)
    {
        ErrorCode = errorCode;
        ApplicationErrorCode = applicationErrorCode;
        ApplicationMessage = applicationMessage;
    }

    public int ErrorCode { get; private set; }

    public int ApplicationErrorCode { get; private set; }

    public string ApplicationMessage { get; private set; }
}
