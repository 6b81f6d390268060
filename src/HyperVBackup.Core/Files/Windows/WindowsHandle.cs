using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Opens things by path without following a link in its last component, past permissions where the privileges allow.
/// </summary>
internal static unsafe class WindowsHandle
{
    /// <summary>Opens a file, folder or link itself; others may read, write and delete it meanwhile.</summary>
    public static SafeFileHandle Open(string path, uint access, string operation, uint flags = 0) =>
        TryOpen(path, access, operation, out var error, flags) ?? throw WindowsErrors.Of(error, path, operation);

    /// <summary>As <see cref="Open"/>, but null and the error when Windows refuses.</summary>
    public static SafeFileHandle? TryOpen(string path, uint access, string operation, out int error, uint flags = 0) =>
        TryCreate(WindowsPath.ToNative(path, operation), access, OpenExisting, OpenReparsePoint | flags, out error);

    /// <summary>CreateFile with backup semantics; null and the error when Windows refuses.</summary>
    public static SafeFileHandle? TryCreate(string native, uint access, uint creation, uint flags, out int error)
    {
        WindowsProcess.Prepare();
        var handle = CreateFileW(native, access, ShareAll, null, creation, BackupSemantics | flags, IntPtr.Zero);
        error = handle.IsInvalid ? Marshal.GetLastWin32Error() : 0;
        if (!handle.IsInvalid)
            return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>The attributes of what is open, and what it is.</summary>
    public static EntryKind KindOf(SafeFileHandle handle, string path, out uint attributes)
    {
        attributes = WindowsEntry.Query<BasicInfo>(handle, FileBasicInfo, path).Attributes;
        var tag =
            (attributes & AttributeReparsePoint) == 0
                ? 0
                : WindowsEntry.Query<TagInfo>(handle, FileAttributeTagInfo, path).ReparseTag;
        return WindowsReparsePoint.KindOf(attributes, tag);
    }

    /// <summary>Fails unless what is open is of the kind that the operation works on.</summary>
    public static void Require(SafeFileHandle handle, EntryKind wanted, string path, string operation)
    {
        var kind = KindOf(handle, path, out _);
        if (kind == wanted)
            return;
        throw kind switch
        {
            EntryKind.Link => new BackupException(FailureKind.LinkRefused, path, operation, "it is a link"),
            EntryKind.Folder => new BackupException(FailureKind.NotSupported, path, operation, "it is a folder"),
            EntryKind.File => new BackupException(FailureKind.NotSupported, path, operation, "it is a file"),
            _ => new BackupException(
                FailureKind.NotSupported,
                path,
                operation,
                "it is a reparse point of a kind that cannot be copied"
            ),
        };
    }
}
