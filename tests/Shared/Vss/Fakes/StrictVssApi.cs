using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Tests.Vss.Fakes;

/// <summary>One instance: its state, and the rules about it.</summary>
internal sealed class StrictVssApi : IVssApi
{
    private readonly StrictVss _host;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly Guid _hyperVInstance = Guid.NewGuid();
    private readonly List<ComponentKey> _selected = new();
    private readonly Dictionary<ComponentKey, bool> _succeeded = new();
    private readonly List<(FakeVolume Volume, Guid Id)> _added = new();
    private readonly List<FakeShadow> _shadows = new();
    private SnapshotContext? _context;
    private Guid _set;
    private string _phase = "";
    private bool _initialized;
    private bool _stateSet;
    private bool _gathered;
    private bool _metadataRead;
    private bool _started;
    private bool _prepared;
    private bool _done;
    private bool _completed;
    private bool _aborted;
    private bool _broken;
    private bool _statusGathered;
    private bool _statusChecked;
    private bool _writerFailed;
    private IReadOnlyList<WriterStatus> _statuses = Array.Empty<WriterStatus>();

    public StrictVssApi(StrictVss host) => _host = host;

    public bool IsDisposed { get; private set; }

    public void Dispose()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            _host.Violations.Add("disposed on another thread");
        var fault = _host.Enter(nameof(Dispose));
        if (IsDisposed)
            return;
        IsDisposed = true;
        if (_started && !_aborted && !_completed)
            _host.Violations.Add("disposed in the middle of a backup, without AbortBackup");
        if (_host.InProgress == this)
            _host.InProgress = null;
        if (_context == SnapshotContext.Backup)
            _shadows.Where(shadow => _host.Shadows.ContainsKey(shadow.Id)).ToList().ForEach(_host.Delete);
        if (fault != null)
            throw StrictVss.ExceptionOf(fault);
    }

    public void InitializeForBackup(string? xml) =>
        Call(
            nameof(InitializeForBackup),
            () => Require(!_initialized, "it was initialised before"),
            () => _initialized = true
        );

    public void SetContext(SnapshotContext context) =>
        Call(
            nameof(SetContext),
            () =>
                Require(
                    _initialized && _context == null && !_gathered && !_started,
                    "it belongs right after InitializeForBackup"
                ),
            () => _context = context
        );

    public void SetBackupState(
        bool selectComponents,
        bool backupBootableSystemState,
        BackupType type,
        bool partialFileSupport
    ) =>
        Call(
            nameof(SetBackupState),
            () =>
                Require(
                    IsBackup
                        && !_stateSet
                        && !_gathered
                        && selectComponents
                        && !backupBootableSystemState
                        && !partialFileSupport,
                    "it belongs after SetContext and before GatherWriterMetadata"
                ),
            () => _stateSet = true
        );

    public void GatherWriterMetadata() =>
        Call(
            nameof(GatherWriterMetadata),
            () => Require(_stateSet && !_gathered, "it belongs after SetBackupState"),
            () => _gathered = true
        );

    public IReadOnlyList<WriterMetadata> GetWriterMetadata() =>
        Call(nameof(GetWriterMetadata), () => Require(_gathered, "it belongs after GatherWriterMetadata"), Writers);

    public void AddComponent(ComponentKey component) =>
        Call(
            nameof(AddComponent),
            () =>
            {
                Require(_metadataRead && !_started, "it belongs after the metadata and before StartSnapshotSet");
                if (_selected.Contains(component))
                    Refuse(nameof(AddComponent), VssHResult.ObjectAlreadyExists);
                if (
                    !Writers()
                        .Any(writer =>
                            writer.InstanceId == component.InstanceId
                            && writer.WriterId == component.WriterId
                            && writer.Components.Any(one =>
                                one.Name == component.Name
                                && one.LogicalPath == component.LogicalPath
                                && one.Type == component.Type
                            )
                        )
                )
                    Refuse(nameof(AddComponent), VssHResult.ObjectNotFound);
            },
            () => _selected.Add(component)
        );

    public bool IsVolumeSupported(string volume) =>
        Call(
            nameof(IsVolumeSupported),
            () => Require(IsBackup, "it belongs after SetContext"),
            () => VolumeNamed(nameof(IsVolumeSupported), volume).IsSupported
        );

    public Guid StartSnapshotSet() =>
        Call(
            nameof(StartSnapshotSet),
            () =>
            {
                Require(IsBackup && _gathered && !_started, "it belongs after the components");
                if (_host.InProgress != null)
                    Refuse(nameof(StartSnapshotSet), VssHResult.SnapshotSetInProgress);
                if (_host.Journal is { } journal && !journal.Entries().Any(entry => entry.Persistent == IsPersistent))
                    _host.Violations.Add("StartSnapshotSet before the journal names the set");
            },
            () =>
            {
                _started = true;
                _host.InProgress = this;
                return _set = Guid.NewGuid();
            }
        );

    public Guid AddToSnapshotSet(string volume) =>
        Call(
            nameof(AddToSnapshotSet),
            () =>
            {
                Require(_started && !_prepared, "it belongs after StartSnapshotSet and before PrepareForBackup");
                var found = VolumeNamed(nameof(AddToSnapshotSet), volume);
                if (!found.IsSupported)
                    Refuse(nameof(AddToSnapshotSet), VssHResult.VolumeNotSupported);
                if (_added.Any(added => added.Volume == found))
                    Refuse(nameof(AddToSnapshotSet), VssHResult.ObjectAlreadyExists);
                if (_added.Count == VssScope.MostVolumes)
                    Refuse(nameof(AddToSnapshotSet), VssHResult.MaximumNumberOfVolumesReached);
            },
            () =>
            {
                _added.Add((VolumeNamed(nameof(AddToSnapshotSet), volume), Guid.NewGuid()));
                return _added[^1].Id;
            }
        );

    public void PrepareForBackup() =>
        Call(
            nameof(PrepareForBackup),
            () => Require(_added.Count > 0 && !_prepared, "it belongs after AddToSnapshotSet"),
            () =>
            {
                _prepared = true;
                Enter(nameof(PrepareForBackup));
            }
        );

    public void GatherWriterStatus() =>
        Call(
            nameof(GatherWriterStatus),
            () =>
                Require(
                    _prepared && !_statusGathered,
                    "it belongs after a phase, and after FreeWriterStatus of the one before"
                ),
            () =>
            {
                _statusGathered = true;
                _statuses = Statuses();
            }
        );

    public IReadOnlyList<WriterStatus> GetWriterStatus() =>
        Call(
            nameof(GetWriterStatus),
            () => Require(_statusGathered, "it belongs after GatherWriterStatus"),
            () =>
            {
                _statusChecked = true;
                _writerFailed =
                    _selected.Count > 0
                    && _statuses.Any(status => status.WriterId == HyperVWriter.ClassId && status.IsFailed);
                return _statuses;
            }
        );

    public void FreeWriterStatus() =>
        Call(
            nameof(FreeWriterStatus),
            () => Require(_statusGathered, "it belongs after GatherWriterStatus"),
            () => _statusGathered = false
        );

    public IReadOnlyList<ComponentOutcome> GetWriterComponents() =>
        Call(
            nameof(GetWriterComponents),
            () => Require(_prepared, "it belongs after PrepareForBackup"),
            () => _selected.Select(Outcome).ToList()
        );

    public void DoSnapshotSet() =>
        Call(
            nameof(DoSnapshotSet),
            () =>
            {
                Require(
                    _prepared && !_done && _statusChecked && !_statusGathered && !_writerFailed,
                    "it belongs after PrepareForBackup, once the writers' status was read and is good"
                );
                if (
                    _host.Journal is { } journal
                    && !_added.All(added =>
                        journal
                            .Entries()
                            .Any(entry =>
                                entry.SetId == _set && entry.Snapshots.Any(snapshot => snapshot.Id == added.Id)
                            )
                    )
                )
                    _host.Violations.Add("DoSnapshotSet before the journal names the shadow copies");
            },
            () =>
            {
                foreach (var (volume, id) in _added)
                    _shadows.Add(
                        new FakeShadow
                        {
                            Id = id,
                            SetId = _set,
                            Volume = volume,
                            DeviceObject = _host.Freeze(volume, id),
                            IsPersistent = IsPersistent,
                        }
                    );
                _shadows.ForEach(shadow => _host.Shadows.Add(shadow.Id, shadow));
                _done = true;
                _host.InProgress = null;
                Enter(nameof(DoSnapshotSet));
            }
        );

    public SnapshotProperties GetSnapshotProperties(Guid snapshotId) =>
        Call(
            nameof(GetSnapshotProperties),
            () => Require(_done || _context == SnapshotContext.All, "it belongs after DoSnapshotSet"),
            () => Properties(Shadow(nameof(GetSnapshotProperties), snapshotId))
        );

    public IReadOnlyList<SnapshotProperties> QuerySnapshots() =>
        Call(nameof(QuerySnapshots), () => RequireAll(), () => _host.Shadows.Values.Select(Properties).ToList());

    public string ExposeSnapshot(Guid snapshotId, string? pathFromRoot, bool remotely, string expose) =>
        Call(
            nameof(ExposeSnapshot),
            () =>
            {
                RequireAll();
                var shadow = Shadow(nameof(ExposeSnapshot), snapshotId);
                if (!shadow.IsPersistent || (!remotely && pathFromRoot != null))
                    Refuse(nameof(ExposeSnapshot), VssHResult.InvalidArgument);
                if (shadow.ExposedName != null)
                    Refuse(nameof(ExposeSnapshot), VssHResult.ObjectAlreadyExists);
                if (!remotely && expose.Length > 2 && _host.Look(expose) != MountFolder.Empty)
                    Refuse(nameof(ExposeSnapshot), VssHResult.InvalidArgument);
                if (
                    _host.Journal is { } journal
                    && !journal
                        .Entries()
                        .Any(entry =>
                            entry.Exposures.Any(exposure =>
                                exposure.SnapshotId == snapshotId
                                && exposure.Path.EndsWith(expose, StringComparison.OrdinalIgnoreCase)
                            )
                        )
                )
                    _host.Violations.Add("ExposeSnapshot before the journal names the exposure");
            },
            () =>
            {
                var shadow = Shadow(nameof(ExposeSnapshot), snapshotId);
                if (!remotely)
                    _host.Mount(expose, shadow);
                shadow.ExposedName = expose;
                shadow.IsShared = remotely;
                return expose;
            }
        );

    public void UnexposeSnapshot(Guid snapshotId) =>
        Call(
            nameof(UnexposeSnapshot),
            () =>
            {
                RequireAll();
                if (Shadow(nameof(UnexposeSnapshot), snapshotId).ExposedName == null)
                    Refuse(nameof(UnexposeSnapshot), VssHResult.ObjectNotFound);
            },
            () =>
            {
                var shadow = Shadow(nameof(UnexposeSnapshot), snapshotId);
                if (!shadow.IsShared)
                    _host.Unmount(shadow.ExposedName!);
                shadow.ExposedName = null;
            }
        );

    public void DeleteSnapshot(Guid snapshotId, bool force) =>
        Call(
            nameof(DeleteSnapshot),
            () =>
            {
                RequireAll();
                Shadow(nameof(DeleteSnapshot), snapshotId);
            },
            () => _host.Delete(Shadow(nameof(DeleteSnapshot), snapshotId))
        );

    public int DeleteSnapshotSet(Guid snapshotSetId, bool force) =>
        Call(
            nameof(DeleteSnapshotSet),
            () =>
            {
                Require(
                    _context == SnapshotContext.All || (_completed && snapshotSetId == _set),
                    "it belongs after BackupComplete, or in the context of all shadow copies"
                );
                if (_host.Shadows.Values.All(shadow => shadow.SetId != snapshotSetId))
                    Refuse(nameof(DeleteSnapshotSet), VssHResult.ObjectNotFound);
            },
            () =>
            {
                var shadows = _host.Shadows.Values.Where(shadow => shadow.SetId == snapshotSetId).ToList();
                shadows.ForEach(_host.Delete);
                return shadows.Count;
            }
        );

    public void SetBackupSucceeded(ComponentKey component, bool succeeded) =>
        Call(
            nameof(SetBackupSucceeded),
            () =>
                Require(
                    _done && !_completed && _selected.Contains(component),
                    "it belongs between DoSnapshotSet and BackupComplete, and takes selected components"
                ),
            () => _succeeded[component] = succeeded
        );

    public void BackupComplete() =>
        Call(
            nameof(BackupComplete),
            () =>
                Require(
                    _done && !_completed && !_writerFailed && _succeeded.Count == _selected.Count,
                    "it belongs after SetBackupSucceeded of every component"
                ),
            () =>
            {
                _completed = true;
                Enter(nameof(BackupComplete));
            }
        );

    public void AbortBackup() =>
        Call(
            nameof(AbortBackup),
            () =>
                Require(
                    _initialized,
                    "it belongs after InitializeForBackup; when there is nothing to abort it is ignored"
                ),
            () =>
            {
                _aborted = true;
                if (_host.InProgress == this)
                    _host.InProgress = null;
            },
            evenIfBroken: true
        );

    public string SaveAsXml() =>
        Call(
            nameof(SaveAsXml),
            () => Require(_initialized, "it belongs after InitializeForBackup"),
            () => "<BACKUP_COMPONENTS succeeded=\"" + _succeeded.Values.Count(one => one) + "\"/>"
        );

    private bool IsBackup => _context is SnapshotContext.Backup or SnapshotContext.AppRollback;

    private bool IsPersistent => _context == SnapshotContext.AppRollback;

    private void Enter(string phase)
    {
        _phase = phase;
        _statusChecked = false;
        _statusGathered = false;
    }

    private IReadOnlyList<WriterMetadata> Writers()
    {
        _metadataRead = true;
        var system = new WriterMetadata(
            StrictVss.SystemWriter,
            StrictVss.SystemWriter,
            "System Writer",
            new[]
            {
                new WriterComponent(
                    ComponentType.FileGroup,
                    null,
                    "System Files",
                    "System Files",
                    true,
                    Array.Empty<WriterFile>()
                ),
            },
            "<system/>"
        );
        if (!_host.HasHyperVWriter)
            return new[] { system };
        var components = _host
            .Machines.Select(machine => new WriterComponent(
                ComponentType.FileGroup,
                null,
                machine.Id.ToString("D").ToUpperInvariant(),
                machine.Caption + "\\" + machine.Name,
                true,
                machine.Files
            ))
            .Append(
                new WriterComponent(
                    ComponentType.FileGroup,
                    null,
                    "Host Component",
                    "Host Component",
                    true,
                    Array.Empty<WriterFile>()
                )
            )
            .ToList();
        return new[]
        {
            system,
            new WriterMetadata(
                HyperVWriter.ClassId,
                _hyperVInstance,
                "Microsoft Hyper-V VSS Writer",
                components,
                "<hyperv/>"
            ),
        };
    }

    private IReadOnlyList<WriterStatus> Statuses() =>
        Writers()
            .Select(writer =>
            {
                var fault = _host.WriterFaults.FirstOrDefault(one =>
                    one.Phase == _phase && one.WriterId == writer.WriterId && one.Times > 0
                );
                if (fault != null)
                    fault.Times--;
                if (
                    fault == null
                    && writer.WriterId == HyperVWriter.ClassId
                    && _phase == nameof(DoSnapshotSet)
                    && FailingMachine() is { } failing
                )
                    fault = new FakeWriterFault(_phase, failing.Failure!.Value)
                    {
                        Message = "The virtual machine '" + failing.Name + "' could not be captured.",
                    };
                return fault == null
                    ? new WriterStatus(writer.InstanceId, writer.WriterId, writer.Name, WriterState.Stable, 0)
                    : new WriterStatus(
                        writer.InstanceId,
                        writer.WriterId,
                        writer.Name,
                        fault.State,
                        fault.HResult,
                        fault.ApplicationCode,
                        fault.Message
                    );
            })
            .ToList();

    private FakeMachine? FailingMachine() =>
        _host.Machines.FirstOrDefault(machine =>
            machine.Failure != null && _selected.Any(component => Guid.Parse(component.Name) == machine.Id)
        );

    private ComponentOutcome Outcome(ComponentKey component)
    {
        var machine = _host.Machines.First(one => one.Id == Guid.Parse(component.Name));
        return new ComponentOutcome(
            component,
            machine.Failure ?? 0,
            0,
            machine.Failure == null ? null : "The guest did not answer."
        );
    }

    private FakeVolume VolumeNamed(string call, string volume)
    {
        if (!volume.EndsWith('\\'))
            Refuse(call, VssHResult.InvalidArgument);
        return _host.Find(volume) ?? throw new VssCallException(call, VssHResult.ObjectNotFound);
    }

    private FakeShadow Shadow(string call, Guid id) =>
        _host.Shadows.TryGetValue(id, out var shadow)
            ? shadow
            : throw new VssCallException(call, VssHResult.ObjectNotFound);

    private static SnapshotProperties Properties(FakeShadow shadow) =>
        new()
        {
            SnapshotId = shadow.Id,
            SnapshotSetId = shadow.SetId,
            DeviceObject = shadow.DeviceObject,
            OriginalVolume = shadow.Volume.Name,
            ExposedName = shadow.ExposedName,
            Attributes =
                (shadow.IsPersistent ? 0x9 : 0)
                | (
                    shadow.ExposedName == null ? 0
                    : shadow.IsShared ? 0x200000
                    : 0x100000
                ),
            Created = shadow.Created,
        };

    private void RequireAll() =>
        Require(_context == SnapshotContext.All, "it belongs in the context of all shadow copies");

    private void Require(bool holds, string otherwise)
    {
        if (holds)
            return;
        _host.Violations.Add(_host.Calls[^1] + ": " + otherwise);
        throw new VssCallException(_host.Calls[^1], VssHResult.BadState);
    }

    private static void Refuse(string call, int code) => throw new VssCallException(call, code);

    private void Call(string name, Action rules, Action effect, bool evenIfBroken = false) =>
        Call(
            name,
            rules,
            () =>
            {
                effect();
                return true;
            },
            evenIfBroken
        );

    private T Call<T>(string name, Action rules, Func<T> effect, bool evenIfBroken = false)
    {
        var fault = _host.Enter(name);
        if (Environment.CurrentManagedThreadId != _thread)
            _host.Violations.Add(name + ": on another thread than the instance was made on");
        if (Thread.CurrentThread.GetApartmentState() == ApartmentState.STA)
            _host.Violations.Add(name + ": in a single-threaded apartment");
        Require(!IsDisposed, "the instance is disposed");
        Require(!_broken || evenIfBroken, "only AbortBackup may follow a failure from PrepareForBackup on");
        Require(!_aborted, "nothing may follow AbortBackup");
        rules();
        if (fault is { TakesEffect: false })
            throw Broken(name, fault);
        var result = effect();
        return fault == null ? result : throw Broken(name, fault);
    }

    private Exception Broken(string name, FakeFault fault)
    {
        _broken = name is nameof(PrepareForBackup) or nameof(DoSnapshotSet);
        return StrictVss.ExceptionOf(fault);
    }
}
