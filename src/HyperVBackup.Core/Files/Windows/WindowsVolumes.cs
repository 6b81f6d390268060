using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>What is known of volumes: where they are mounted, their file system, the disks beneath them.</summary>
internal static unsafe class WindowsVolumes
{
    private const int LongestPath = 32_768;
    private const int LongestVolumeName = 64;
    private const string DeviceObjects = @"\\?\GLOBALROOT\";
    private const string Operation = "ask for the volume";

    /// <summary>The volume a path lies on. The path need not exist, its volume must.</summary>
    public static VolumeInfo Get(string path)
    {
        WindowsProcess.Prepare();
        var root = RootOf(path);
        using var folder =
            WindowsHandle.TryCreate(root, ReadAttributes, OpenExisting, 0, out var error)
            ?? throw WindowsErrors.Of(error, path, Operation);

        // By handle: by path it answers for the roots of drives, mount points and shares alone.
        var fileSystem = new char[64];
        if (!GetVolumeInformationByHandleW(folder, null, 0, out _, out _, out var flags, fileSystem, fileSystem.Length))
        {
            error = Marshal.GetLastWin32Error();
            if (!WindowsErrors.MeansUnsupported(error))
                throw WindowsErrors.Of(error, path, Operation);
            fileSystem[0] = '\0';
            flags = 0;
        }

        if (!GetDiskFreeSpaceExW(root, out var available, out var total, out _))
            available = total = 0;
        return new VolumeInfo
        {
            Root = WindowsPath.ToDisplay(root),
            FileSystem = Text(fileSystem),
            Id = WindowsEntry.IdOf(folder, root).Volume,
            Disk = DiskOf(root),
            FreeBytes = available,
            TotalBytes = total,
            ClonesBlocks = (flags & VolumeSharesBlocks) != 0,
            IsReadOnly = (flags & VolumeIsReadOnly) != 0,
        };
    }

    /// <summary>Flushes a volume; false where this process may not or the volume is not local.</summary>
    public static bool TryFlush(string path)
    {
        var name = NameOf(RootOf(path));
        if (name == null)
            return false;
        using var volume = WindowsHandle.TryCreate(name.TrimEnd('\\'), GenericWrite, OpenExisting, 0, out _);
        return volume != null && FlushFileBuffers(volume);
    }

    /// <summary>Bytes per cluster of the volume of a path; 0 when it does not tell.</summary>
    public static long ClusterSize(string path) =>
        GetDiskFreeSpaceW(RootOf(path), out var sectors, out var bytes, out _, out _) ? (long)sectors * bytes : 0;

    // The native path of the volume's root, with a separator at its end. For device objects that is not
    // GetVolumePathName's to say.
    private static string RootOf(string path)
    {
        var native = WindowsPath.ToNative(path, Operation);
        var root = new char[LongestPath];
        var isDeviceObject = native.StartsWith(DeviceObjects, StringComparison.OrdinalIgnoreCase);
        if (!isDeviceObject && GetVolumePathNameW(native, root, root.Length))
            return WindowsPath.ToNative(Text(root), Operation);
        var top = native;
        for (var parent = PathOf.Parent(top); parent != null; parent = PathOf.Parent(parent))
            top = parent;
        return top;
    }

    // \\?\Volume{…}\ ; null for a share or a device object.
    private static string? NameOf(string root)
    {
        var name = new char[LongestVolumeName];
        return GetVolumeNameForVolumeMountPointW(root, name, name.Length) ? Text(name) : null;
    }

    // The numbers of the physical disks; where those cannot be told, the volume itself.
    private static string DiskOf(string root)
    {
        var name = NameOf(root);
        if (name == null)
            return WindowsPath.ToDisplay(root);
        using var volume = WindowsHandle.TryCreate(name.TrimEnd('\\'), 0, OpenExisting, 0, out _);
        var numbers = volume == null ? null : DiskNumbers(volume);
        return numbers ?? name;
    }

    private static string? DiskNumbers(SafeFileHandle volume)
    {
        // VOLUME_DISK_EXTENTS: a count, then 24 bytes each, beginning with the disk's number.
        const int first = 8;
        const int each = 24;
        var buffer = new byte[first + 64 * each];
        fixed (byte* p = buffer)
        {
            if (
                DeviceIoControl(volume, GetVolumeDiskExtents, null, 0, p, buffer.Length, out var size, IntPtr.Zero)
                && size >= first + each
            )
            {
                var numbers = new SortedSet<uint>();
                for (var i = 0; i < *(int*)p && first + (i + 1) * each <= size; i++)
                    numbers.Add(*(uint*)(p + first + i * each));
                return "disk " + string.Join(",", numbers);
            }

            // STORAGE_DEVICE_NUMBER: type, number, partition.
            if (
                DeviceIoControl(volume, GetDeviceNumber, null, 0, p, buffer.Length, out size, IntPtr.Zero)
                && size >= 12
            )
                return "disk " + ((uint*)p)[1].ToString(CultureInfo.InvariantCulture);
        }

        return null;
    }

    private static string Text(char[] buffer)
    {
        var end = Array.IndexOf(buffer, '\0');
        return new string(buffer, 0, end < 0 ? buffer.Length : end);
    }
}
