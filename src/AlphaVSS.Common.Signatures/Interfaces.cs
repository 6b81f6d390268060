using System;
using System.Collections.Generic;
using System.Reflection;

namespace Alphaleonis.Win32.Vss;

public interface IVssAssemblyResolver
{
    Assembly LoadAssembly(AssemblyName assemblyName);
}

public interface IVssFactoryProvider
{
    IVssFactory GetVssFactory();
}

public interface IVssFactory
{
    IVssBackupComponents CreateVssBackupComponents();
}

public interface IVssBackupComponents : IDisposable
{
    IList<IVssExamineWriterMetadata> WriterMetadata { get; }

    IList<VssWriterStatusInfo> WriterStatus { get; }

    IList<IVssWriterComponents> WriterComponents { get; }

    void InitializeForBackup(string xml);

    void SetContext(VssSnapshotContext context);

    void SetBackupState(
        bool selectComponents,
        bool backupBootableSystemState,
        VssBackupType backupType,
        bool partialFileSupport
    );

    void GatherWriterMetadata();

    void AddComponent(
        Guid instanceId,
        Guid writerId,
        VssComponentType componentType,
        string logicalPath,
        string componentName
    );

    bool IsVolumeSupported(string volumeName);

    Guid StartSnapshotSet();

    Guid AddToSnapshotSet(string volumeName);

    void PrepareForBackup();

    void GatherWriterStatus();

    void FreeWriterStatus();

    void DoSnapshotSet();

    VssSnapshotProperties GetSnapshotProperties(Guid snapshotId);

    IEnumerable<VssSnapshotProperties> QuerySnapshots();

    string ExposeSnapshot(Guid snapshotId, string pathFromRoot, VssVolumeSnapshotAttributes attributes, string expose);

    void UnexposeSnapshot(Guid snapshotId);

    void DeleteSnapshot(Guid snapshotId, bool forceDelete);

    int DeleteSnapshotSet(Guid snapshotSetId, bool forceDelete);

    void SetBackupSucceeded(
        Guid instanceId,
        Guid writerId,
        VssComponentType componentType,
        string logicalPath,
        string componentName,
        bool succeeded
    );

    void BackupComplete();

    void AbortBackup();

    string SaveAsXml();
}

public interface IVssExamineWriterMetadata : IDisposable
{
    IList<IVssWMComponent> Components { get; }

    Guid InstanceId { get; }

    Guid WriterId { get; }

    string WriterName { get; }

    string SaveAsXml();
}

public interface IVssWMComponent : IDisposable
{
    VssComponentType Type { get; }

    string LogicalPath { get; }

    string ComponentName { get; }

    string Caption { get; }

    bool Selectable { get; }

    IList<VssWMFileDescriptor> Files { get; }
}

public interface IVssWriterComponents
{
    IList<IVssComponent> Components { get; }

    Guid InstanceId { get; }

    Guid WriterId { get; }
}

public interface IVssComponent : IDisposable
{
    VssComponentType ComponentType { get; }

    string LogicalPath { get; }

    string ComponentName { get; }

    string PrepareForBackupFailureMsg { get; }

    string PostSnapshotFailureMsg { get; }

    VssComponentFailure Failure { get; set; }
}
