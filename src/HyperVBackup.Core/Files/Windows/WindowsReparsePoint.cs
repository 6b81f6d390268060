using System;
using HyperVBackup.Failures;
using Microsoft.Win32.SafeHandles;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Reparse points: which of them are links, where those point, and how to make one. Layout and tags: [MS-FSCC] 2.1.2.
/// Those that are no name surrogates (deduplicated, compressed by WOF, kept in a cloud) are ordinary files and folders:
/// their filter driver gives the content.
/// </summary>
internal static unsafe class WindowsReparsePoint
{
    public const uint Symlink = 0xA000_000C;
    public const uint MountPoint = 0xA000_0003;

    private const uint NameSurrogate = 0x2000_0000;
    private const uint RelativeFlag = 1;
    private const int LargestBuffer = 16 * 1024;
    private const int HeaderBytes = 8;
    private const string NtPrefix = @"\??\";
    private const string NtUncPrefix = @"\??\UNC\";

    /// <summary>What an entry with these attributes and this tag is.</summary>
    public static EntryKind KindOf(uint attributes, uint tag)
    {
        var plain = (attributes & WindowsNative.AttributeDirectory) != 0 ? EntryKind.Folder : EntryKind.File;
        if ((attributes & WindowsNative.AttributeReparsePoint) == 0)
            return plain;
        return tag switch
        {
            Symlink or MountPoint => EntryKind.Link,
            0x8000_001B => EntryKind.Other, // APPEXECLINK
            // NFS and WSL: sockets, pipes, devices
            0x8000_0014 or 0x8000_0023 or 0x8000_0024 or 0x8000_0025 or 0x8000_0026 => EntryKind.Other,
            _ => (tag & NameSurrogate) != 0 ? EntryKind.Other : plain,
        };
    }

    /// <summary>Which kind of link.</summary>
    public static LinkKind LinkKindOf(uint attributes, uint tag) =>
        tag == MountPoint ? LinkKind.Junction
        : (attributes & WindowsNative.AttributeDirectory) != 0 ? LinkKind.SymbolicFolder
        : LinkKind.Symbolic;

    /// <summary>
    /// Where the opened link points: relative as stored, absolute without the object manager's prefix.
    /// </summary>
    public static string ReadTarget(SafeFileHandle link, string path)
    {
        var buffer = new byte[LargestBuffer];
        int size;
        fixed (byte* p = buffer)
        {
            if (
                !WindowsNative.DeviceIoControl(
                    link,
                    WindowsNative.GetReparsePoint,
                    null,
                    0,
                    p,
                    buffer.Length,
                    out size,
                    IntPtr.Zero
                )
            )
                throw WindowsErrors.Last(path, "read the link");
        }

        return Parse(buffer, size)
            ?? throw new BackupException(FailureKind.IoError, path, "read the link", "its reparse point is damaged");
    }

    /// <summary>Makes an existing empty folder a junction.</summary>
    public static void SetJunction(SafeFileHandle folder, string target, string path)
    {
        var buffer = BuildJunction(target);
        if (buffer.Length > LargestBuffer)
            throw new BackupException(
                FailureKind.PathTooLong,
                path,
                "create the junction",
                "its target is longer than a reparse point can hold"
            );
        fixed (byte* p = buffer)
        {
            if (
                !WindowsNative.DeviceIoControl(
                    folder,
                    WindowsNative.SetReparsePoint,
                    p,
                    buffer.Length,
                    null,
                    0,
                    out _,
                    IntPtr.Zero
                )
            )
                throw WindowsErrors.Last(path, "create the junction");
        }
    }

    /// <summary>
    /// The target in a REPARSE_DATA_BUFFER of a symbolic link or mount point; null when it is malformed.
    /// </summary>
    internal static string? Parse(byte[] buffer, int size)
    {
        if (size < HeaderBytes + 8)
            return null;
        var tag = BitConverter.ToUInt32(buffer, 0);
        if (tag is not (Symlink or MountPoint))
            return null;
        var names = HeaderBytes + (tag == Symlink ? 12 : 8);
        var start = names + BitConverter.ToUInt16(buffer, HeaderBytes);
        var length = BitConverter.ToUInt16(buffer, HeaderBytes + 2);
        if (length % 2 != 0 || start + length > size)
            return null;
        var target = Text(buffer, start, length);
        var isRelative = tag == Symlink && (BitConverter.ToUInt32(buffer, HeaderBytes + 8) & RelativeFlag) != 0;
        return isRelative ? target : FromNt(target);
    }

    /// <summary>A REPARSE_DATA_BUFFER of a mount point.</summary>
    internal static byte[] BuildJunction(string target)
    {
        var substitute = Bytes(ToNt(target));
        var print = Bytes(target);
        var data = 8 + substitute.Length + 2 + print.Length + 2;
        var buffer = new byte[HeaderBytes + data];
        if (buffer.Length > LargestBuffer)
            return buffer;
        Put(buffer, 0, MountPoint & 0xFFFF);
        Put(buffer, 2, MountPoint >> 16);
        Put(buffer, 4, (uint)data);
        Put(buffer, 10, (uint)substitute.Length);
        Put(buffer, 12, (uint)substitute.Length + 2);
        Put(buffer, 14, (uint)print.Length);
        substitute.CopyTo(buffer, 16);
        print.CopyTo(buffer, 16 + substitute.Length + 2);
        return buffer;
    }

    private static void Put(byte[] buffer, int at, uint value)
    {
        buffer[at] = (byte)value;
        buffer[at + 1] = (byte)(value >> 8);
    }

    // Not Encoding.Unicode: that would replace the lone surrogates which names may hold.
    private static string Text(byte[] buffer, int start, int length)
    {
        var characters = new char[length / 2];
        Buffer.BlockCopy(buffer, start, characters, 0, length);
        return new string(characters);
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new byte[text.Length * 2];
        Buffer.BlockCopy(text.ToCharArray(), 0, bytes, 0, bytes.Length);
        return bytes;
    }

    private static string FromNt(string target)
    {
        if (target.StartsWith(NtUncPrefix, StringComparison.OrdinalIgnoreCase))
            return @"\\" + target.Substring(NtUncPrefix.Length);
        if (!target.StartsWith(NtPrefix, StringComparison.Ordinal))
            return target;
        return WindowsPath.IsDrive(target, NtPrefix.Length)
            ? target.Substring(NtPrefix.Length)
            : @"\\?\" + target.Substring(NtPrefix.Length);
    }

    private static string ToNt(string target)
    {
        if (PathOf.IsDevicePath(target))
            return NtPrefix + target.Substring(4);
        if (target.StartsWith(@"\\", StringComparison.Ordinal))
            return NtUncPrefix + target.Substring(2);
        return target.StartsWith(NtPrefix, StringComparison.Ordinal) ? target : NtPrefix + target;
    }
}
