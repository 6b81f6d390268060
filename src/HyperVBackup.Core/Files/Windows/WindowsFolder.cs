using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using HyperVBackup.Sets;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Lists folders. The names come from the listing, the metadata from the files (see <see cref="WindowsEntry"/>): one
/// open per entry.
/// </summary>
internal static unsafe class WindowsFolder
{
    private const int BufferBytes = 64 * 1024;
    private const string Operation = "list";

    /// <summary>The entries of a folder.</summary>
    public static List<FileEntry> List(string folder)
    {
        using var handle = WindowsHandle.Open(folder, ListDirectory | ReadAttributes, Operation);
        WindowsHandle.Require(handle, EntryKind.Folder, folder, Operation);
        var volume = WindowsEntry.IdOf(handle, folder).Volume;
        var entries = new List<FileEntry>();
        foreach (var (name, listed) in Enumerate(handle, folder))
        {
            var entry = Describe(PathOf.Join(folder, name), name, listed, volume);
            if (entry != null)
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>
    /// What the listing of its folder says about a path that cannot be opened; null when it is not there.
    /// </summary>
    public static FileEntry? FindListed(string path)
    {
        var parent = PathOf.Parent(path);
        if (parent == null)
            return null;
        using var handle = WindowsHandle.Open(parent, ListDirectory | ReadAttributes, Operation);
        var leaf = PathOf.Leaf(path);
        foreach (var (name, listed) in Enumerate(handle, parent))
            if (string.Equals(name, leaf, StringComparison.OrdinalIgnoreCase))
                return WindowsEntry.Read(listed, name, WindowsEntry.IdOf(handle, parent).Volume);
        return null;
    }

    private static FileEntry? Describe(string path, string name, in DirectoryInfo listed, ulong volume)
    {
        using var handle = WindowsHandle.TryOpen(path, ReadAttributes, "read the metadata", out var error);
        if (handle != null)
            return WindowsEntry.Read(handle, name, path);
        return WindowsErrors.MeansMissing(error) ? null
            : error is WindowsErrors.SharingViolation or WindowsErrors.AccessDenied
                ? WindowsEntry.Read(listed, name, volume)
            : throw WindowsErrors.Of(error, path, "read the metadata");
    }

    private static List<(string Name, DirectoryInfo Listed)> Enumerate(SafeFileHandle folder, string path)
    {
        var found = new List<(string, DirectoryInfo)>();
        var buffer = new long[BufferBytes / sizeof(long)];
        fixed (long* start = buffer)
        {
            var which = FileIdBothDirectoryRestartInfo;
            while (GetFileInformationByHandleEx(folder, which, start, BufferBytes))
            {
                which = FileIdBothDirectoryInfo;
                for (var at = (byte*)start; ; )
                {
                    var info = (DirectoryInfo*)at;
                    var name = new string((char*)(at + sizeof(DirectoryInfo)), 0, (int)(info->NameBytes / 2));
                    if (name is not ("." or ".."))
                        found.Add((name, *info));
                    if (info->Next == 0)
                        break;
                    at += info->Next;
                }
            }

            // FILE_NOT_FOUND is how an empty root of a volume answers.
            var error = Marshal.GetLastWin32Error();
            if (error is not (WindowsErrors.NoMoreFiles or WindowsErrors.FileNotFound))
                throw WindowsErrors.Of(error, path, Operation);
        }

        return found;
    }
}
