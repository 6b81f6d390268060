using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss.Requester;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// One try to make a shadow set, on one instance: the calls of "Overview of Processing a Backup Under VSS" in their
/// order, and how each point of it is taken down.
/// </summary>
internal sealed class VssAttempt
{
    public const string CreateCall = "CreateVssBackupComponents";

    // How long to let another requester finish its own set before asking again.
    private static readonly TimeSpan OtherSetWait = TimeSpan.FromSeconds(5);

    private readonly VssServices _services;
    private readonly VssCalls _calls;
    private readonly ShadowRequest _request;
    private readonly JournaledSet _journaled;
    private readonly List<string> _warnings = new();
    private readonly Dictionary<string, Guid> _snapshots = new(StringComparer.OrdinalIgnoreCase);
    private IVssApi? _api;
    private bool _mustAbort;
    private bool _wasDone;

    public VssAttempt(VssServices services, VssCalls calls, ShadowRequest request, JournaledSet journaled)
    {
        _services = services;
        _calls = calls;
        _request = request;
        _journaled = journaled;
    }

    /// <summary>What the set is of. Known once the writers have told what they have.</summary>
    public VssScope Scope { get; private set; } = null!;

    /// <summary>The shadow copies, one per root by which a volume is reached.</summary>
    public IReadOnlyList<Shadow> Shadows { get; private set; } = Array.Empty<Shadow>();

    /// <summary>The documents that restoring needs.</summary>
    public VssDocuments Documents { get; private set; } = null!;

    /// <summary>What went less than well.</summary>
    public IReadOnlyList<string> Warnings => Scope.Warnings.Concat(_warnings).ToList();

    /// <summary>Whether a writer failed that the backup does not need.</summary>
    public bool OtherWritersFailed => _warnings.Count > 0;

    private IVssApi Api => _api ?? throw new InvalidOperationException("The instance is gone.");

    /// <summary>Everything up to the finished shadow set.</summary>
    public void Create()
    {
        Make(CreateCall, () => _api = _services.Factory.Create(_calls));
        Make(nameof(IVssApi.InitializeForBackup), () => Api.InitializeForBackup(null));
        Make(
            nameof(IVssApi.SetContext),
            () => Api.SetContext(_request.Persistent ? SnapshotContext.AppRollback : SnapshotContext.Backup)
        );
        Make(nameof(IVssApi.SetBackupState), () => Api.SetBackupState(true, false, BackupType.Full, false));
        Make(nameof(IVssApi.GatherWriterMetadata), () => Api.GatherWriterMetadata());
        var writers = _calls.Make(nameof(IVssApi.GetWriterMetadata), "VSS", () => Api.GetWriterMetadata());
        Scope = VssScope.Of(_request, writers, _services);

        RequireSupported();
        foreach (var machine in Scope.Machines)
            AddComponent(machine);
        StartSet();
        foreach (var volume in Scope.Volumes)
            AddVolume(volume);

        // From here to DoSnapshotSet writers are waiting: nothing slow, such as the journal, belongs in between.
        Make(nameof(IVssApi.PrepareForBackup), () => Api.PrepareForBackup());
        Judge(nameof(IVssApi.PrepareForBackup));
        Make(
            nameof(IVssApi.DoSnapshotSet),
            () =>
            {
                _wasDone = true;
                Api.DoSnapshotSet();
            }
        );
        Judge(nameof(IVssApi.DoSnapshotSet));
        ReadProperties();
        Documents = new VssDocuments(
            SaveDocument(),
            writers
                .Select(writer => new WriterDocument(writer.WriterId, writer.InstanceId, writer.Name, writer.Xml))
                .ToList()
        );
        _calls.ThrowIfCancelled();
    }

    /// <summary>Tells the writers how it went. Throws when one that matters objects.</summary>
    /// <param name="failed">The machines whose copies failed.</param>
    public void Complete(ICollection<Guid> failed)
    {
        foreach (var machine in Scope.Machines)
            Finish(
                nameof(IVssApi.SetBackupSucceeded),
                machine.ToString(),
                () => Api.SetBackupSucceeded(machine.Component!, !failed.Contains(machine.Id))
            );
        Documents = Documents with
        {
            BackupComponents = _calls.Unchecked(nameof(IVssApi.SaveAsXml), "VSS", () => Api.SaveAsXml()),
        };
        Finish(nameof(IVssApi.BackupComplete), "VSS", () => Api.BackupComplete());
        _mustAbort = false;
        Judge(nameof(IVssApi.BackupComplete), _calls.Unchecked);
    }

    /// <summary>Takes down what there is, from wherever it got to. Returns what could not be removed.</summary>
    public IReadOnlyList<Failure> Abandon(VssRemover remover)
    {
        End();
        return _wasDone || _journaled.Entry.Exposures.Count > 0
            ? remover.Remove(_journaled.Entry)
            : Array.Empty<Failure>();
    }

    /// <summary>
    /// Lets the instance go: aborts what is not complete, and releases the shadow copies of a set that is not
    /// persistent.
    /// </summary>
    public void End()
    {
        if (_api == null)
            return;
        if (_mustAbort)
            Quietly(nameof(IVssApi.AbortBackup), () => Api.AbortBackup());
        // Disposing releases them too; saying so first means that they are gone when this returns.
        else if (!_request.Persistent && _wasDone && _journaled.Entry.SetId is { } set)
            Quietly(nameof(IVssApi.DeleteSnapshotSet), () => Api.DeleteSnapshotSet(set, force: true));
        DisposeQuietly(_api);
        _api = null;
        _mustAbort = false;
    }

    /// <summary>Disposes; what that throws cannot be helped and tells nothing.</summary>
    public static void DisposeQuietly(IVssApi? api)
    {
        try
        {
            api?.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException) { }
    }

    private void StartSet()
    {
        while (true)
        {
            try
            {
                var set = Guid.Empty;
                Make(
                    nameof(IVssApi.StartSnapshotSet),
                    () =>
                    {
                        // Before the call: one that fails may have begun all the same, and AbortBackup is ignored when
                        // there is nothing to abort.
                        _mustAbort = true;
                        set = Api.StartSnapshotSet();
                    }
                );
                _journaled.Update(_journaled.Entry with { SetId = set });
                return;
            }
            catch (VssCallException e) when (e.Code.Retry == VssRetry.SameRequest)
            {
                if (!_calls.TryWait(OtherSetWait))
                    throw;
            }
        }
    }

    // A volume that nobody needs but some virtual machines costs those machines, and not the rest.
    private void RequireSupported()
    {
        var refused = new Dictionary<Guid, Failure>();
        foreach (var volume in Scope.Volumes)
        {
            if (_calls.Make(nameof(IVssApi.IsVolumeSupported), volume.Root, () => Api.IsVolumeSupported(volume.Name)))
                continue;
            var failed = new VssCallException(
                nameof(IVssApi.IsVolumeSupported),
                VssHResult.VolumeNotSupported,
                null,
                volume.Root
            );
            var machines = Scope.MachinesOn(volume);
            if (Scope.HoldsSource(_request, volume) || machines.Count == 0)
                throw failed;
            foreach (var machine in machines)
                refused[machine.Id] = failed.Failure with { Target = machine + ", " + volume.Root };
        }

        if (refused.Count > 0)
            throw new MachinesRefusedException(refused);
    }

    private void AddComponent(HyperVMachine machine)
    {
        try
        {
            _calls.Make(nameof(IVssApi.AddComponent), machine.ToString(), () => Api.AddComponent(machine.Component!));
        }
        catch (VssCallException e) when (e.Code.Retry == VssRetry.No && _request.VirtualMachines.Contains(machine.Id))
        {
            throw new MachinesRefusedException(new Dictionary<Guid, Failure> { [machine.Id] = e.Failure }, e);
        }
    }

    private void AddVolume(VolumeRoot volume)
    {
        var id = _calls.Make(nameof(IVssApi.AddToSnapshotSet), volume.Root, () => Api.AddToSnapshotSet(volume.Name));
        _snapshots[volume.Name] = id;
        var entry = _journaled.Entry;
        _journaled.Update(
            entry with
            {
                Snapshots = entry.Snapshots.Append(new JournalSnapshot(id, volume.Name, "")).ToList(),
            }
        );
    }

    private void ReadProperties()
    {
        var properties = _snapshots.ToDictionary(
            pair => pair.Key,
            pair =>
                _calls.Make(
                    nameof(IVssApi.GetSnapshotProperties),
                    pair.Key,
                    () => Api.GetSnapshotProperties(pair.Value)
                ),
            StringComparer.OrdinalIgnoreCase
        );
        Shadows = Scope
            .Roots.Select(root => new Shadow
            {
                Id = properties[root.Name].SnapshotId,
                SetId = properties[root.Name].SnapshotSetId,
                Provider = VssProvider.ProviderName,
                Volume = root.Root,
                Root = properties[root.Name].DeviceObject,
                VolumeName = root.Name,
                Created = properties[root.Name].Created,
                IsPersistent = _request.Persistent,
                IsOurs = true,
            })
            .ToList();
        _journaled.Update(
            _journaled.Entry with
            {
                Snapshots = properties
                    .Values.Select(one => new JournalSnapshot(one.SnapshotId, one.OriginalVolume, one.DeviceObject))
                    .ToList(),
            }
        );
    }

    private string SaveDocument() => _calls.Make(nameof(IVssApi.SaveAsXml), "VSS", () => Api.SaveAsXml());

    private void Judge(string phase) => Judge(phase, _calls.Make);

    private void Judge(string phase, Action<string, string, Action> make)
    {
        make(nameof(IVssApi.GatherWriterStatus), "writers after " + phase, () => Api.GatherWriterStatus());
        IReadOnlyList<WriterStatus> statuses = Array.Empty<WriterStatus>();
        make(nameof(IVssApi.GetWriterStatus), "writers after " + phase, () => statuses = Api.GetWriterStatus());
        make(nameof(IVssApi.FreeWriterStatus), "writers after " + phase, () => Api.FreeWriterStatus());
        _warnings.AddRange(WriterJudge.Judge(phase, statuses, Scope, Outcomes));
    }

    // The writer failed already; that it does not tell about each machine must not hide that.
    private IReadOnlyList<ComponentOutcome> Outcomes()
    {
        try
        {
            return _calls.Unchecked(nameof(IVssApi.GetWriterComponents), "VSS", () => Api.GetWriterComponents());
        }
        catch (BackupException)
        {
            return Array.Empty<ComponentOutcome>();
        }
    }

    private void Make(string call, Action make) => _calls.Make(call, "VSS", make);

    private void Finish(string call, string target, Action make) => _calls.Unchecked(call, target, make);

    private void Quietly(string call, Action make)
    {
        try
        {
            _calls.Unchecked(call, "VSS", make);
        }
        catch (BackupException) { }
    }
}
