using System;
using System.Collections.Generic;
using System.Linq;
using Alphaleonis.Win32.Vss;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Vss;

/// <summary>One instance of AlphaVSS's requester as one of ours: a line per member, nothing else.</summary>
internal sealed class AlphaVssApi : IVssApi
{
    private readonly IVssBackupComponents _native;

    public AlphaVssApi(IVssBackupComponents native) => _native = native;

    public void Dispose() => _native.Dispose();

    public void InitializeForBackup(string? xml) =>
        Call(nameof(InitializeForBackup), () => _native.InitializeForBackup(xml));

    public void SetContext(SnapshotContext context) =>
        Call(nameof(SetContext), () => _native.SetContext((VssSnapshotContext)context));

    public void SetBackupState(
        bool selectComponents,
        bool backupBootableSystemState,
        BackupType type,
        bool partialFileSupport
    ) =>
        Call(
            nameof(SetBackupState),
            () =>
                _native.SetBackupState(
                    selectComponents,
                    backupBootableSystemState,
                    (VssBackupType)type,
                    partialFileSupport
                )
        );

    public void GatherWriterMetadata() => Call(nameof(GatherWriterMetadata), _native.GatherWriterMetadata);

    public IReadOnlyList<WriterMetadata> GetWriterMetadata() =>
        Call(nameof(GetWriterMetadata), () => _native.WriterMetadata.Select(AlphaVssTypes.Writer).ToList());

    public void AddComponent(ComponentKey component) =>
        Call(
            nameof(AddComponent),
            () =>
                _native.AddComponent(
                    component.InstanceId,
                    component.WriterId,
                    (VssComponentType)component.Type,
                    component.LogicalPath,
                    component.Name
                )
        );

    public bool IsVolumeSupported(string volume) =>
        Call(nameof(IsVolumeSupported), () => _native.IsVolumeSupported(volume));

    public Guid StartSnapshotSet() => Call(nameof(StartSnapshotSet), _native.StartSnapshotSet);

    public Guid AddToSnapshotSet(string volume) =>
        Call(nameof(AddToSnapshotSet), () => _native.AddToSnapshotSet(volume));

    public void PrepareForBackup() => Call(nameof(PrepareForBackup), _native.PrepareForBackup);

    public void GatherWriterStatus() => Call(nameof(GatherWriterStatus), _native.GatherWriterStatus);

    public IReadOnlyList<WriterStatus> GetWriterStatus() =>
        Call(nameof(GetWriterStatus), () => _native.WriterStatus.Select(AlphaVssTypes.Status).ToList());

    public void FreeWriterStatus() => Call(nameof(FreeWriterStatus), _native.FreeWriterStatus);

    public IReadOnlyList<ComponentOutcome> GetWriterComponents() =>
        Call(nameof(GetWriterComponents), () => _native.WriterComponents.SelectMany(AlphaVssTypes.Outcomes).ToList());

    public void DoSnapshotSet() => Call(nameof(DoSnapshotSet), _native.DoSnapshotSet);

    public SnapshotProperties GetSnapshotProperties(Guid snapshotId) =>
        Call(nameof(GetSnapshotProperties), () => AlphaVssTypes.Snapshot(_native.GetSnapshotProperties(snapshotId)));

    public IReadOnlyList<SnapshotProperties> QuerySnapshots() =>
        Call(nameof(QuerySnapshots), () => _native.QuerySnapshots().Select(AlphaVssTypes.Snapshot).ToList());

    public string ExposeSnapshot(Guid snapshotId, string? pathFromRoot, bool remotely, string expose) =>
        Call(
            nameof(ExposeSnapshot),
            () =>
                _native.ExposeSnapshot(
                    snapshotId,
                    pathFromRoot,
                    remotely ? VssVolumeSnapshotAttributes.ExposedRemotely : VssVolumeSnapshotAttributes.ExposedLocally,
                    expose
                )
        );

    public void UnexposeSnapshot(Guid snapshotId) =>
        Call(nameof(UnexposeSnapshot), () => _native.UnexposeSnapshot(snapshotId));

    public void DeleteSnapshot(Guid snapshotId, bool force) =>
        Call(nameof(DeleteSnapshot), () => _native.DeleteSnapshot(snapshotId, force));

    public int DeleteSnapshotSet(Guid snapshotSetId, bool force) =>
        Call(nameof(DeleteSnapshotSet), () => _native.DeleteSnapshotSet(snapshotSetId, force));

    public void SetBackupSucceeded(ComponentKey component, bool succeeded) =>
        Call(
            nameof(SetBackupSucceeded),
            () =>
                _native.SetBackupSucceeded(
                    component.InstanceId,
                    component.WriterId,
                    (VssComponentType)component.Type,
                    component.LogicalPath,
                    component.Name,
                    succeeded
                )
        );

    public void BackupComplete() => Call(nameof(BackupComplete), _native.BackupComplete);

    public void AbortBackup() => Call(nameof(AbortBackup), _native.AbortBackup);

    public string SaveAsXml() => Call(nameof(SaveAsXml), _native.SaveAsXml);

    // Lists are read inside: AlphaVSS fetches their items, by native calls, as they are enumerated.
    private static T Call<T>(string name, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e)
        {
            throw AlphaVssErrors.Translate(name, e);
        }
    }

    private static void Call(string name, Action call)
    {
        try
        {
            call();
        }
        catch (Exception e)
        {
            throw AlphaVssErrors.Translate(name, e);
        }
    }
}
