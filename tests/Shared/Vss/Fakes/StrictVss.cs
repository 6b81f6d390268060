using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Tests.Vss.Fakes;

/// <summary>
/// A host with a Volume Shadow Copy service that refuses every call that is out of order, remembers what was left
/// behind, and fails where a test wants it to.
/// With a folder for shadow copies its "device objects" are folders: a shadow copy is a copy of the volume's folder at
/// the moment of DoSnapshotSet, so that a whole backup can run against it.
/// </summary>
internal sealed class StrictVss : IVssApiFactory, IVolumes
{
    public static readonly Guid SystemWriter = new("e8132975-6f93-4464-a53e-1050253ae220");

    private readonly List<StrictVssApi> _instances = new();
    private readonly List<string> _calls = new();
    private readonly Dictionary<string, int> _counts = new();
    private readonly HashSet<string> _createdFolders = new(StringComparer.OrdinalIgnoreCase);
    private int _devices;

    public IHostFacts Host { get; set; } = new FakeHostFacts();

    public List<FakeVolume> Volumes { get; } = new();

    public List<FakeMachine> Machines { get; } = new();

    public bool HasHyperVWriter { get; set; } = true;

    public List<FakeFault> Faults { get; } = new();

    public List<FakeWriterFault> WriterFaults { get; } = new();

    /// <summary>If set, it must name everything before it is made.</summary>
    public IShadowJournal? Journal { get; set; }

    /// <summary>If set, a real folder in which shadow copies are made.</summary>
    public string? ShadowFolder { get; set; }

    /// <summary>
    /// Whether shadow copies are made of hard links: for large disks that nobody writes to meanwhile.
    /// </summary>
    public bool LinksFiles { get; set; }

    /// <summary>Called at the beginning of each call with its name and the how manieth of that name it is.</summary>
    public Action<string, int>? OnCall { get; set; }

    /// <summary>All calls of all instances, in their order.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>What was done that must not be done.</summary>
    public List<string> Violations { get; } = new();

    public Dictionary<Guid, FakeShadow> Shadows { get; } = new();

    /// <summary>Empty folders that are there.</summary>
    public HashSet<string> EmptyFolders { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Folders and drive letters at which something is mounted, with the shadow copy; null for anything else.
    /// </summary>
    public Dictionary<string, Guid?> Mounts { get; } = new(StringComparer.OrdinalIgnoreCase);

    public int Instances => _instances.Count;

    /// <summary>What the asynchronous calls of the last instance are bounded by.</summary>
    public IAsyncLimit? Limit { get; private set; }

    internal StrictVssApi? InProgress { get; set; }

    /// <summary>Everything that should not be there when nobody holds a shadow set.</summary>
    public IReadOnlyList<string> Leftovers() =>
        Shadows
            .Values.Where(shadow => !shadow.IsForeign)
            .Select(shadow => "shadow copy of " + shadow.Volume.MountPoints[0])
            .Concat(Mounts.Where(mount => mount.Value != null).Select(mount => "mount at " + mount.Key))
            .Concat(_createdFolders.Select(folder => "folder " + folder))
            .Concat(_instances.Where(instance => !instance.IsDisposed).Select(_ => "an instance that was not disposed"))
            .Concat(InProgress != null ? new[] { "a shadow set in progress" } : Array.Empty<string>())
            .Concat(Violations.Select(violation => "violation: " + violation))
            .ToList();

    public FakeShadow AddForeignShadow(FakeVolume volume, DateTime created, bool persistent = true)
    {
        var shadow = new FakeShadow
        {
            Id = Guid.NewGuid(),
            SetId = Guid.NewGuid(),
            Volume = volume,
            DeviceObject = NextDevice(),
            IsPersistent = persistent,
            Created = created,
            IsForeign = true,
        };
        Shadows.Add(shadow.Id, shadow);
        return shadow;
    }

    public Failure? WhyNot() => VssPreflight.Check(Host);

    public IVssApi Create(IAsyncLimit? limit)
    {
        Limit = limit;
        var fault = Enter(VssAttempt.CreateCall);
        if (fault != null)
            throw ExceptionOf(fault);
        var instance = new StrictVssApi(this);
        _instances.Add(instance);
        return instance;
    }

    public VolumeRoot VolumeOf(string path)
    {
        var found = Volumes
            .SelectMany(volume => volume.MountPoints.Select(mount => (Volume: volume, Mount: mount)))
            .Where(one => PathOf.TryRelative(one.Mount, path, out _))
            .OrderByDescending(one => one.Mount.Length)
            .FirstOrDefault();
        if (found.Volume == null)
            throw new BackupException(
                FailureKind.ShadowFailed,
                path,
                "find its volume",
                "it lies on no volume of this host"
            );
        return new VolumeRoot(PathOf.TrimEnd(found.Mount), found.Volume.Name);
    }

    public IReadOnlyList<string> MountPointsOf(string volumeName) =>
        Find(volumeName)?.MountPoints ?? Array.Empty<string>();

    public MountFolder Look(string path)
    {
        var trimmed = PathOf.TrimEnd(path).TrimEnd('\\');
        if (
            Mounts.ContainsKey(trimmed)
            || Volumes.Any(volume => volume.MountPoints.Any(point => point == trimmed || PathOf.Full(point) == trimmed))
        )
            return MountFolder.Taken;
        if (ShadowFolder != null && Directory.Exists(trimmed))
            return Directory.EnumerateFileSystemEntries(trimmed).Any() ? MountFolder.Taken : MountFolder.Empty;
        return EmptyFolders.Contains(trimmed) ? MountFolder.Empty : MountFolder.Missing;
    }

    public void CreateFolder(string path)
    {
        if (Enter(nameof(IVolumes.CreateFolder)) is { } fault)
            throw new BackupException(
                new Failure(
                    FailureKind.AccessDenied,
                    path,
                    nameof(IVolumes.CreateFolder),
                    VssHResult.Of(fault.HResult).Text
                )
                {
                    NativeCode = fault.HResult,
                }
            );
        _createdFolders.Add(path);
        EmptyFolders.Add(path);
        if (ShadowFolder != null)
            Directory.CreateDirectory(path);
    }

    public void DeleteFolder(string path)
    {
        if (!EmptyFolders.Contains(path))
            return;
        if (Mounts.ContainsKey(path))
            Violations.Add("a folder is deleted that is a mount point: " + path);
        if (!_createdFolders.Remove(path))
            Violations.Add("a folder is deleted that nobody created: " + path);
        EmptyFolders.Remove(path);
        if (ShadowFolder != null)
            Directory.Delete(path);
    }

    public void RemoveMountPoint(string path)
    {
        if (!Mounts.TryGetValue(path, out var shadow))
            return;
        if (shadow == null)
            Violations.Add("a mount of somebody else is taken off: " + path);
        Unmount(path);
    }

    internal FakeVolume? Find(string volumeName) =>
        Volumes.FirstOrDefault(volume => string.Equals(volume.Name, volumeName, StringComparison.OrdinalIgnoreCase));

    /// <summary>Notes a call. Returns the fault it shall have.</summary>
    internal FakeFault? Enter(string call)
    {
        _calls.Add(call);
        var count = _counts[call] = _counts.GetValueOrDefault(call) + 1;
        OnCall?.Invoke(call, count);
        return Faults.FirstOrDefault(fault => fault.Call == call && fault.From <= count && count <= fault.To);
    }

    internal static Exception ExceptionOf(FakeFault fault) =>
        fault.IsBare
            ? new COMException("Exception from HRESULT", fault.HResult)
            : new VssCallException(fault.Call, fault.HResult);

    internal string NextDevice() => @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy" + ++_devices;

    internal string Freeze(FakeVolume volume, Guid id)
    {
        if (ShadowFolder == null)
            return NextDevice();
        var root = Path.Combine(ShadowFolder, id.ToString());
        var others = Volumes
            .Where(other => other != volume)
            .SelectMany(other => other.MountPoints)
            .Append(ShadowFolder)
            .Select(PathOf.TrimEnd)
            .ToHashSet(PathOf.Comparer);
        CopyFolder(volume.MountPoints[0], root, others);
        return root;
    }

    internal void Delete(FakeShadow shadow)
    {
        // A mount whose shadow copy is gone stays, dead: whoever deletes must unexpose first.
        Shadows.Remove(shadow.Id);
        if (ShadowFolder != null && Directory.Exists(shadow.DeviceObject))
            Directory.Delete(shadow.DeviceObject, recursive: true);
    }

    internal void Mount(string path, FakeShadow shadow)
    {
        Mounts[path] = shadow.Id;
        if (ShadowFolder == null || path.Length == 2)
            return;
        Directory.Delete(path);
        Directory.CreateSymbolicLink(path, shadow.DeviceObject);
    }

    internal void Unmount(string path)
    {
        if (!Mounts.Remove(path) || ShadowFolder == null || path.Length == 2)
            return;
        Directory.Delete(path);
        Directory.CreateDirectory(path);
    }

    private void CopyFolder(string from, string to, HashSet<string> exceptInside)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            var copy = Path.Combine(to, Path.GetFileName(file));
            if (LinksFiles)
                FileTools.HardLink(file, copy);
            else
                File.Copy(file, copy);
        }

        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            var target = Path.Combine(to, Path.GetFileName(folder));
            if (exceptInside.Contains(folder))
                Directory.CreateDirectory(target);
            else
                CopyFolder(folder, target, exceptInside);
        }
    }
}
