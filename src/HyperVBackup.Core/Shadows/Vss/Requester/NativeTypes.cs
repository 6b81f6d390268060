using System;
using System.Runtime.InteropServices;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>VSS_SNAPSHOT_PROP of vss.h. Its strings are freed by VssFreeSnapshotProperties.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SnapshotProp
{
    public Guid SnapshotId;
    public Guid SnapshotSetId;
    public int SnapshotsCount;
    public char* DeviceObject;
    public char* OriginalVolume;
    public char* OriginatingMachine;
    public char* ServiceMachine;
    public char* ExposedName;
    public char* ExposedPath;
    public Guid ProviderId;
    public int Attributes;

    /// <summary>A FILETIME, UTC.</summary>
    public long Created;
    public int Status;
}

/// <summary>VSS_OBJECT_PROP of vss.h: what follows the type is a union, whose larger half is this.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ObjectProp
{
    public const int SnapshotSet = 2;
    public const int Snapshot = 3;

    public int Type;
    public SnapshotProp Properties;
}

/// <summary>VSS_COMPONENTINFO of vsbackup.h. Freed by the component that gave it, with everything in it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ComponentInfo
{
    public int Type;
    public char* LogicalPath;
    public char* Name;
    public char* Caption;
    public byte* Icon;
    public uint IconBytes;

    // C++'s bool: one byte each.
    public byte RestoreMetadata;
    public byte NotifyOnBackupComplete;
    public byte Selectable;
    public byte SelectableForRestore;
    public uint Flags;
    public uint FileCount;
    public uint Databases;
    public uint LogFiles;
    public uint Dependencies;
}

/// <summary>
/// The exports of vssapi.dll. It is none of the libraries that Windows always takes from its own folder, so the
/// folder is named.
/// </summary>
internal static unsafe class VssApiDll
{
    /// <summary>What CreateVssBackupComponents of vsbackup.h comes to.</summary>
    [DllImport("vssapi.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern int CreateVssBackupComponentsInternal(IntPtr* components);

    /// <summary>What VssFreeSnapshotProperties of vsbackup.h comes to.</summary>
    [DllImport("vssapi.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static extern void VssFreeSnapshotPropertiesInternal(SnapshotProp* properties);
}
