using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// The requester's interface of vssapi.dll (IVssBackupComponents) as ours: a native call per member. Everything a
/// call gives is read and let go before the member returns.
/// </summary>
internal sealed unsafe class BackupComponents : IVssApi
{
    private const int ExposedLocally = 0x100000;
    private const int ExposedRemotely = 0x200000;
    private readonly ComObject _native;
    private readonly IAsyncLimit? _limit;

    private BackupComponents(ComObject native, IAsyncLimit? limit)
    {
        _native = native;
        _limit = limit;
    }

    /// <summary>CreateVssBackupComponents.</summary>
    /// <param name="limit">Until when its asynchronous calls may go on.</param>
    /// <exception cref="DllNotFoundException">This Windows has no vssapi.dll.</exception>
    public static BackupComponents Create(IAsyncLimit? limit)
    {
        var native = IntPtr.Zero;
        Check(VssApiDll.CreateVssBackupComponentsInternal(&native), VssAttempt.CreateCall);
        return new BackupComponents(ComObject.Of(native, VssAttempt.CreateCall), limit);
    }

    public void Dispose() => _native.Dispose();

    public void InitializeForBackup(string? xml)
    {
        var text = xml == null ? IntPtr.Zero : Marshal.StringToBSTR(xml);
        try
        {
            Check(BackupComponentsTable.InitializeForBackup(_native, text));
        }
        finally
        {
            Marshal.FreeBSTR(text);
        }
    }

    public void SetContext(SnapshotContext context) =>
        Check(BackupComponentsTable.SetContext(_native, unchecked((int)context)));

    public void SetBackupState(
        bool selectComponents,
        bool backupBootableSystemState,
        BackupType type,
        bool partialFileSupport
    ) =>
        Check(
            BackupComponentsTable.SetBackupState(
                _native,
                Byte(selectComponents),
                Byte(backupBootableSystemState),
                (int)type,
                Byte(partialFileSupport)
            )
        );

    public void GatherWriterMetadata()
    {
        var operation = IntPtr.Zero;
        Check(BackupComponentsTable.GatherWriterMetadata(_native, &operation));
        Finish(operation);
    }

    public IReadOnlyList<WriterMetadata> GetWriterMetadata() => WriterMetadataReader.Read(_native);

    public void AddComponent(ComponentKey component)
    {
        fixed (
            char* path = component.LogicalPath,
                name = component.Name
        )
            Check(
                BackupComponentsTable.AddComponent(
                    _native,
                    component.InstanceId,
                    component.WriterId,
                    (int)component.Type,
                    path,
                    name
                )
            );
    }

    public bool IsVolumeSupported(string volume)
    {
        var supported = 0;
        fixed (char* name = volume)
            Check(BackupComponentsTable.IsVolumeSupported(_native, Guid.Empty, name, &supported));
        return supported != 0;
    }

    public Guid StartSnapshotSet()
    {
        Guid set;
        Check(BackupComponentsTable.StartSnapshotSet(_native, &set));
        return set;
    }

    public Guid AddToSnapshotSet(string volume)
    {
        Guid snapshot;
        fixed (char* name = volume)
            Check(BackupComponentsTable.AddToSnapshotSet(_native, name, Guid.Empty, &snapshot));
        return snapshot;
    }

    public void PrepareForBackup()
    {
        var operation = IntPtr.Zero;
        Check(BackupComponentsTable.PrepareForBackup(_native, &operation));
        Finish(operation);
    }

    public void GatherWriterStatus()
    {
        var operation = IntPtr.Zero;
        Check(BackupComponentsTable.GatherWriterStatus(_native, &operation));
        Finish(operation);
    }

    public IReadOnlyList<WriterStatus> GetWriterStatus() => StatusReader.Read(_native);

    public void FreeWriterStatus() => Check(BackupComponentsTable.FreeWriterStatus(_native));

    public IReadOnlyList<ComponentOutcome> GetWriterComponents() => OutcomeReader.Read(_native);

    public void DoSnapshotSet()
    {
        var operation = IntPtr.Zero;
        Check(BackupComponentsTable.DoSnapshotSet(_native, &operation));
        Finish(operation);
    }

    public SnapshotProperties GetSnapshotProperties(Guid snapshotId)
    {
        SnapshotProp found = default;
        Check(BackupComponentsTable.GetSnapshotProperties(_native, snapshotId, &found));
        return SnapshotReader.Take(&found);
    }

    public IReadOnlyList<SnapshotProperties> QuerySnapshots() => SnapshotReader.Read(_native);

    public string ExposeSnapshot(Guid snapshotId, string? pathFromRoot, bool remotely, string expose)
    {
        char* exposed = null;
        fixed (
            char* part = pathFromRoot,
                at = expose
        )
            Check(
                BackupComponentsTable.ExposeSnapshot(
                    _native,
                    snapshotId,
                    part,
                    remotely ? ExposedRemotely : ExposedLocally,
                    at,
                    &exposed
                )
            );
        return ComText.TakeTaskMemory(exposed) ?? "";
    }

    public void UnexposeSnapshot(Guid snapshotId)
    {
        using var ex =
            _native.As(BackupComponentsTable.Ex2)
            ?? throw new VssCallException(nameof(UnexposeSnapshot), VssHResult.NotImplemented);
        Check(BackupComponentsTable.Ex2UnexposeSnapshot(ex, snapshotId));
    }

    public void DeleteSnapshot(Guid snapshotId, bool force) =>
        Delete(snapshotId, ObjectProp.Snapshot, force, nameof(DeleteSnapshot));

    public int DeleteSnapshotSet(Guid snapshotSetId, bool force) =>
        Delete(snapshotSetId, ObjectProp.SnapshotSet, force, nameof(DeleteSnapshotSet));

    public void SetBackupSucceeded(ComponentKey component, bool succeeded)
    {
        fixed (
            char* path = component.LogicalPath,
                name = component.Name
        )
            Check(
                BackupComponentsTable.SetBackupSucceeded(
                    _native,
                    component.InstanceId,
                    component.WriterId,
                    (int)component.Type,
                    path,
                    name,
                    Byte(succeeded)
                )
            );
    }

    public void BackupComplete()
    {
        var operation = IntPtr.Zero;
        Check(BackupComponentsTable.BackupComplete(_native, &operation));
        Finish(operation);
    }

    public void AbortBackup() => Check(BackupComponentsTable.AbortBackup(_native));

    public string SaveAsXml()
    {
        char* xml = null;
        Check(BackupComponentsTable.SaveAsXml(_native, &xml));
        return ComText.TakeBstr(xml) ?? "";
    }

    /// <summary>Throws for a native call that failed. S_FALSE and VSS's own codes of success are none.</summary>
    internal static void Check(int result, [CallerMemberName] string call = "")
    {
        if (result < 0)
            throw new VssCallException(call, result);
    }

    private int Delete(Guid id, int type, bool force, string call)
    {
        int deleted;
        Guid notDeleted;
        Check(BackupComponentsTable.DeleteSnapshots(_native, id, type, force ? 1 : 0, &deleted, &notDeleted), call);
        return deleted;
    }

    private void Finish(IntPtr operation, [CallerMemberName] string call = "") =>
        AsyncOperation.Finish(ComObject.Of(operation, call), call, _limit);

    private static byte Byte(bool value) => value ? (byte)1 : (byte)0;
}
