using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// One instance of the native requester interface (IVssBackupComponents), one member per native call and nothing of its
/// own: the order of the calls is
/// <see cref="VssAttempt"/>'s. An instance serves one operation and is used on the thread that made it. Asynchronous
/// calls return when they have finished.
/// A failed call throws a <see cref="VssCallException"/> with the HRESULT. Members are those of vsbackup.h unless
/// noted.
/// </summary>
internal interface IVssApi : IDisposable
{
    void InitializeForBackup(string? xml);

    void SetContext(SnapshotContext context);

    void SetBackupState(
        bool selectComponents,
        bool backupBootableSystemState,
        BackupType type,
        bool partialFileSupport
    );

    void GatherWriterMetadata();

    /// <summary>GetWriterMetadata of every writer, as data.</summary>
    IReadOnlyList<WriterMetadata> GetWriterMetadata();

    void AddComponent(ComponentKey component);

    bool IsVolumeSupported(string volume);

    Guid StartSnapshotSet();

    /// <param name="volume">A volume's GUID path, or a mount point, with the separator at its end.</param>
    Guid AddToSnapshotSet(string volume);

    void PrepareForBackup();

    void GatherWriterStatus();

    /// <summary>GetWriterStatusEx of every writer.</summary>
    IReadOnlyList<WriterStatus> GetWriterStatus();

    void FreeWriterStatus();

    /// <summary>GetWriterComponents of every writer: what the writers noted on each component of this backup.</summary>
    IReadOnlyList<ComponentOutcome> GetWriterComponents();

    void DoSnapshotSet();

    SnapshotProperties GetSnapshotProperties(Guid snapshotId);

    /// <summary>Query for shadow copies, of all providers, in the instance's context.</summary>
    IReadOnlyList<SnapshotProperties> QuerySnapshots();

    /// <param name="snapshotId">The shadow copy.</param>
    /// <param name="pathFromRoot">The part to share; null for all of it, and always null for a local exposure.</param>
    /// <param name="remotely">As a share, instead of at a drive letter or a folder.</param>
    /// <param name="expose">The share's name, "X:", or the folder.</param>
    /// <returns>The name it is exposed by.</returns>
    string ExposeSnapshot(Guid snapshotId, string? pathFromRoot, bool remotely, string expose);

    void UnexposeSnapshot(Guid snapshotId);

    /// <summary>DeleteSnapshots of one shadow copy.</summary>
    void DeleteSnapshot(Guid snapshotId, bool force);

    /// <summary>DeleteSnapshots of a set; returns how many were deleted.</summary>
    int DeleteSnapshotSet(Guid snapshotSetId, bool force);

    void SetBackupSucceeded(ComponentKey component, bool succeeded);

    void BackupComplete();

    void AbortBackup();

    /// <summary>The backup-components document.</summary>
    string SaveAsXml();
}

/// <summary>Makes instances of <see cref="IVssApi"/>.</summary>
internal interface IVssApiFactory
{
    /// <summary>What the host is.</summary>
    IHostFacts Host { get; }

    /// <summary>Why no instance can be had on this host; null when it can. Changes nothing.</summary>
    Failure? WhyNot();

    /// <summary>CreateVssBackupComponents. Called on the thread that will use the instance.</summary>
    /// <param name="limit">Until when the instance's asynchronous calls may go on; null: as long as they take.</param>
    /// <exception cref="BackupException">What <see cref="WhyNot"/> says, or a
    /// <see cref="VssCallException"/>.</exception>
    IVssApi Create(IAsyncLimit? limit);
}
