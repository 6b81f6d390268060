using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Gives names and takes them away: rename and delete, as POSIX has them where the file system can (Windows 10 1709 and
/// Server 2019, NTFS and ReFS),
/// else the older calls with the read-only attribute cleared first.
/// </summary>
internal static unsafe class WindowsNames
{
    private const uint RenameReplace = 0x1;
    private const uint RenamePosix = 0x2;
    private const uint RenameIgnoreReadOnly = 0x40;
    private const uint DispositionDelete = 0x1;
    private const uint DispositionPosix = 0x2;
    private const uint DispositionIgnoreReadOnly = 0x10;
    private const uint MoveReplace = 0x1;
    private const uint MoveWriteThrough = 0x8;

    /// <summary>Renames, replacing a file or link.</summary>
    public static void Rename(string from, string to)
    {
        var operation = "rename to " + to;
        var target = WindowsPath.ToNative(to, operation);
        RemoveFolderLink(to, operation);
        using (var handle = WindowsHandle.Open(from, Delete | ReadAttributes, operation))
        {
            if (TryRename(handle, target, out var error))
                return;
            if (!FallsBack(error))
                throw WindowsErrors.Of(error, from, operation);
        }

        var old = ClearReadOnly(to, operation);
        if (MoveFileExW(WindowsPath.ToNative(from, operation), target, MoveReplace | MoveWriteThrough))
            return;
        var failure = Marshal.GetLastWin32Error();
        if (old != null)
            SetAttributes(to, old.Value, operation);
        throw WindowsErrors.Of(
            failure == WindowsErrors.AccessDenied && IsHeld(to, operation) ? WindowsErrors.SharingViolation : failure,
            from,
            operation
        );
    }

    /// <summary>Deletes a file or link.</summary>
    public static void DeleteFile(string path)
    {
        const string operation = "delete";
        bool isFolderLink;
        using (var handle = WindowsHandle.Open(path, Delete | ReadAttributes, operation))
        {
            var kind = WindowsHandle.KindOf(handle, path, out var attributes);
            if (kind == EntryKind.Folder)
                throw new BackupException(FailureKind.NotSupported, path, operation, "it is a folder");
            if (TryDelete(handle, path, operation))
                return;
            isFolderLink = (attributes & AttributeDirectory) != 0;
        }

        ClearReadOnly(path, operation);
        var native = WindowsPath.ToNative(path, operation);
        if (!(isFolderLink ? RemoveDirectoryW(native) : DeleteFileW(native)))
            throw WindowsErrors.Last(path, operation);
    }

    /// <summary>Deletes an empty folder.</summary>
    public static void DeleteFolder(string path)
    {
        const string operation = "delete";
        using (var handle = WindowsHandle.Open(path, Delete | ReadAttributes, operation))
        {
            WindowsHandle.Require(handle, EntryKind.Folder, path, operation);
            if (TryDelete(handle, path, operation))
                return;
        }

        ClearReadOnly(path, operation);
        if (!RemoveDirectoryW(WindowsPath.ToNative(path, operation)))
            throw WindowsErrors.Last(path, operation);
    }

    /// <summary>
    /// Clears the read-only attribute; the attributes before, null when it was not set or nothing is there.
    /// </summary>
    public static uint? ClearReadOnly(string path, string operation)
    {
        using var handle = WindowsHandle.TryOpen(path, ReadAttributes | WriteAttributes, operation, out _);
        if (handle == null)
            return null;
        var attributes = WindowsEntry.Query<BasicInfo>(handle, FileBasicInfo, path).Attributes;
        if ((attributes & AttributeReadOnly) == 0)
            return null;
        WindowsEntry.Set(
            handle,
            new BasicInfo
            {
                Attributes = (attributes & WindowsEntry.CopiedAttributes & ~AttributeReadOnly) | AttributeNormal,
            },
            path,
            operation
        );
        return attributes;
    }

    // Windows says "access denied" when the file to be replaced is in use.
    private static bool IsHeld(string path, string operation)
    {
        using var handle = WindowsHandle.TryOpen(path, Delete, operation, out var error);
        return error == WindowsErrors.SharingViolation;
    }

    private static void SetAttributes(string path, uint attributes, string operation)
    {
        using var handle = WindowsHandle.TryOpen(path, WriteAttributes, operation, out _);
        if (handle != null)
            WindowsEntry.Set(handle, new BasicInfo { Attributes = attributes }, path, operation);
    }

    // No call replaces a directory, and to Windows a junction or a symbolic link to a folder is one.
    private static void RemoveFolderLink(string path, string operation)
    {
        bool isFolderLink;
        using (var handle = WindowsHandle.TryOpen(path, ReadAttributes, operation, out _))
            isFolderLink =
                handle != null
                && WindowsHandle.KindOf(handle, path, out var attributes) == EntryKind.Link
                && (attributes & AttributeDirectory) != 0;
        if (isFolderLink)
            DeleteFile(path);
    }

    // FILE_RENAME_INFO: flags, the folder's handle (none), the length of the name in bytes, the name.
    private static bool TryRename(SafeFileHandle file, string target, out int error)
    {
        var nameAt = 2 * IntPtr.Size + sizeof(int);
        var info = new byte[nameAt + (target.Length + 1) * sizeof(char)];
        fixed (byte* p = info)
        fixed (char* name = target)
        {
            *(uint*)p = RenameReplace | RenamePosix | RenameIgnoreReadOnly;
            *(int*)(p + 2 * IntPtr.Size) = target.Length * sizeof(char);
            Buffer.MemoryCopy(name, p + nameAt, target.Length * sizeof(char), target.Length * sizeof(char));
            var done = SetFileInformationByHandle(file, FileRenameInfoEx, p, info.Length);
            error = done ? 0 : Marshal.GetLastWin32Error();
            return done;
        }
    }

    private static bool TryDelete(SafeFileHandle file, string path, string operation)
    {
        var flags = DispositionDelete | DispositionPosix | DispositionIgnoreReadOnly;
        if (SetFileInformationByHandle(file, FileDispositionInfoEx, &flags, sizeof(uint)))
            return true;
        var error = Marshal.GetLastWin32Error();
        return FallsBack(error) ? false : throw WindowsErrors.Of(error, path, operation);
    }

    // ACCESS_DENIED too: Windows before 10.1809 does not know the flag that overrides read-only.
    private static bool FallsBack(int error) =>
        WindowsErrors.MeansUnsupported(error) || error == WindowsErrors.AccessDenied;
}
