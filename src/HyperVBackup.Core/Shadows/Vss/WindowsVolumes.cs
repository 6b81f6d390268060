using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows.Vss;

/// <summary>Volumes and mount folders of Windows (fileapi.h and winbase.h: "Volume Management Functions").</summary>
internal sealed class WindowsVolumes : IVolumes
{
    private const int LongestPath = 32768;
    private const int ErrorFileNotFound = 2;
    private const int ErrorPathNotFound = 3;
    private const int ErrorMoreData = 234;
    private const int ErrorInvalidParameter = 87;
    private const int ErrorNotAReparsePoint = 4390;

    /// <inheritdoc/>
    public VolumeRoot VolumeOf(string path)
    {
        var full = PathOf.Full(Environment.ExpandEnvironmentVariables(path));
        if (full.StartsWith(@"\\", StringComparison.Ordinal) && !PathOf.IsDevicePath(full))
            throw new BackupException(
                FailureKind.ShadowFailed,
                path,
                "find its volume",
                "it is a network share; this host's Volume Shadow Copy service freezes local volumes and Cluster "
                    + "Shared Volumes only"
            );

        var root = new StringBuilder(LongestPath);
        if (!GetVolumePathNameW(Extended(full), root, root.Capacity))
            throw Failed(path, "GetVolumePathName", Marshal.GetLastWin32Error());
        var mount = WithSeparator(Plain(root.ToString()));
        var name = new StringBuilder(64);
        if (GetVolumeNameForVolumeMountPointW(mount, name, name.Capacity))
            return new VolumeRoot(PathOf.TrimEnd(mount), name.ToString());

        // The mount point of a Cluster Shared Volume is a name of it that VSS takes as well; there may be no other on a
        // node that does not own it.
        var error = Marshal.GetLastWin32Error();
        if (IsClusterVolume(mount))
            return new VolumeRoot(PathOf.TrimEnd(mount), mount);
        throw Failed(mount, "GetVolumeNameForVolumeMountPoint", error);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> MountPointsOf(string volumeName)
    {
        var buffer = new char[1024];
        while (!GetVolumePathNamesForVolumeNameW(WithSeparator(volumeName), buffer, buffer.Length, out var length))
        {
            if (Marshal.GetLastWin32Error() != ErrorMoreData)
                return Array.Empty<string>();
            buffer = new char[length];
        }

        return new string(buffer).Split('\0').TakeWhile(path => path.Length > 0).ToList();
    }

    /// <inheritdoc/>
    public MountFolder Look(string path)
    {
        try
        {
            if (!Directory.Exists(path))
                return File.Exists(path) ? MountFolder.Taken : MountFolder.Missing;
            if ((File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0)
                return MountFolder.Taken;
            return Directory.EnumerateFileSystemEntries(path).Any() ? MountFolder.Taken : MountFolder.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, "look at the folder", e);
        }
    }

    /// <inheritdoc/>
    public void CreateFolder(string path)
    {
        if (!CreateDirectoryW(Extended(path), IntPtr.Zero))
            throw Failed(path, "create the folder", Marshal.GetLastWin32Error());
    }

    /// <inheritdoc/>
    public void DeleteFolder(string path)
    {
        if (RemoveDirectoryW(Extended(path)))
            return;
        var error = Marshal.GetLastWin32Error();
        if (error is not (ErrorFileNotFound or ErrorPathNotFound))
            throw Failed(path, "delete the folder", error);
    }

    /// <inheritdoc/>
    public void RemoveMountPoint(string path)
    {
        if (DeleteVolumeMountPointW(WithSeparator(path)))
            return;
        var error = Marshal.GetLastWin32Error();
        if (error is not (ErrorFileNotFound or ErrorPathNotFound or ErrorNotAReparsePoint or ErrorInvalidParameter))
            throw Failed(path, "DeleteVolumeMountPoint", error);
    }

    private static bool IsClusterVolume(string mount) =>
        mount.Length > 3 && mount.Substring(3).StartsWith(@"ClusterStorage\", StringComparison.OrdinalIgnoreCase);

    private static string WithSeparator(string path) =>
        path.EndsWith("\\", StringComparison.Ordinal) ? path : path + "\\";

    // Beyond 260 characters the functions take paths only in this form.
    private static string Extended(string path) =>
        path.Length < 248 || PathOf.IsDevicePath(path) ? path : @"\\?\" + path;

    private static string Plain(string path) =>
        path.Length > 6 && path.StartsWith(@"\\?\", StringComparison.Ordinal) && path[5] == ':'
            ? path.Substring(4)
            : path;

    private static BackupException Failed(string target, string operation, int error) =>
        new(
            new Failure(
                error is ErrorFileNotFound or ErrorPathNotFound ? FailureKind.FileMissing : FailureKind.ShadowFailed,
                target,
                operation,
                new Win32Exception(error).Message.TrimEnd('.')
            )
            {
                NativeCode = error,
            }
        );

    private static BackupException Failed(string target, string operation, Exception e) =>
        new(
            new Failure(FailureKind.ExposeFailed, target, operation, e.Message.TrimEnd('.')) { NativeCode = e.HResult },
            e
        );

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetVolumePathNameW(string fileName, StringBuilder volumePathName, int length);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetVolumeNameForVolumeMountPointW(
        string mountPoint,
        StringBuilder volumeName,
        int length
    );

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetVolumePathNamesForVolumeNameW(
        string volumeName,
        [Out] char[] names,
        int length,
        out int returned
    );

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool DeleteVolumeMountPointW(string mountPoint);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CreateDirectoryW(string path, IntPtr security);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool RemoveDirectoryW(string path);
}
