using System;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// What an access list of Linux (acl(5)) leaves the owning group. In the mode of a file that has one, the group's bits
/// are the list's mask: the most that any named user or group may do, not what the owning group may.
/// </summary>
internal static unsafe class PosixAcl
{
    /// <summary>The group's bits of a mode.</summary>
    public const uint GroupBits = 0x38;

    /// <summary>The errno of an attribute that is not there: ENODATA.</summary>
    public const int NoData = 61;

    /// <summary>The extended attribute that holds the list, ended by zero.</summary>
    public static readonly byte[] Access = Encoding.ASCII.GetBytes("system.posix_acl_access\0");

    private const int LargestAttribute = 65536; // XATTR_SIZE_MAX
    private static readonly byte[] Empty = new byte[1];

    /// <summary>
    /// The entry of an open file or folder with what its owning group truly may; as it was where it has no list.
    /// </summary>
    public static FileEntry Heed(FileEntry entry, int file) => Heed(entry, file, null);

    /// <summary>The same for a name, ended by zero, in an open folder; no link there is followed.</summary>
    public static FileEntry Heed(FileEntry entry, int folder, byte[]? name)
    {
        const int tries = 8;
        // Links have no lists, and what cannot be copied needs none. An empty mask lets in nobody: no need to ask.
        if (entry.Kind is not (EntryKind.File or EntryKind.Folder) || (entry.Attributes & GroupBits) == 0)
            return entry;
        var path = name == null ? NameOf(folder) : NameIn(folder, name);
        var mode = entry.Attributes;
        for (var i = 0; i < tries; i++)
        {
            var length = Read(path, name == null, out var list);
            if (length >= 0)
                return entry with { Attributes = Apply(list, length, mode), RawMode = mode };
            var errno = Marshal.GetLastWin32Error();
            if (PosixErrors.IsNotOffered(errno) || errno == PosixErrors.NoEntry)
                return entry with { Attributes = mode };
            if (errno != NoData)
                break;
            // It may have been taken away since the mode was read, which then still has its mask.
            if (ModeOf(folder, name) is not { } now || now == mode)
                return entry with { Attributes = mode };
            mode = now;
        }

        // It cannot be told, so the group gets nothing.
        return entry with
        {
            Attributes = mode & ~GroupBits,
            RawMode = mode,
        };
    }

    /// <summary>
    /// The mode with the owning group's bits out of an access list as the kernel hands it out
    /// (linux/posix_acl_xattr.h); with none of them when the list cannot be understood.
    /// </summary>
    /// <param name="list">The attribute's value.</param>
    /// <param name="length">How many bytes of it count.</param>
    /// <param name="mode">The permission bits as the file system tells them.</param>
    public static uint Apply(byte[] list, int length, uint mode)
    {
        const int header = 4,
            entry = 8,
            groupShift = 3;
        const uint version = 2,
            permissions = 7;
        var closed = mode & ~GroupBits;
        if (length < header || length > list.Length || (length - header) % entry != 0)
            return closed;
        if (BitConverter.ToUInt32(list, 0) != version)
            return closed;
        uint? owner = null,
            group = null,
            others = null,
            mask = null;
        var names = false;
        for (var at = header; at < length; at += entry)
        {
            uint allowed = BitConverter.ToUInt16(list, at + 2);
            var isOnce = BitConverter.ToUInt16(list, at) switch
            {
                0x01 => Take(ref owner, allowed), // ACL_USER_OBJ
                0x04 => Take(ref group, allowed), // ACL_GROUP_OBJ
                0x10 => Take(ref mask, allowed), // ACL_MASK
                0x20 => Take(ref others, allowed), // ACL_OTHER
                0x02 or 0x08 => names = true, // ACL_USER, ACL_GROUP
                _ => false,
            };
            if (!isOnce || allowed > permissions)
                return closed;
        }

        if (owner == null || group is not { } own || others == null || (names && mask == null))
            return closed;
        return closed | ((own & (mask ?? permissions)) << groupShift);
    }

    /// <summary>The name in /proc of an open file, ended by zero, for calls that take only paths.</summary>
    public static byte[] NameOf(int file) =>
        Encoding.ASCII.GetBytes("/proc/self/fd/" + file.ToString(CultureInfo.InvariantCulture) + "\0");

    /// <summary>The name in /proc of what an open folder holds, ended by zero as the given one is.</summary>
    public static byte[] NameIn(int folder, byte[] name)
    {
        var prefix = NameOf(folder);
        var path = new byte[prefix.Length + name.Length];
        prefix.CopyTo(path, 0);
        path[prefix.Length - 1] = (byte)'/';
        name.CopyTo(path, prefix.Length);
        return path;
    }

    private static bool Take(ref uint? slot, uint value)
    {
        if (slot != null)
            return false;
        slot = value;
        return true;
    }

    private static uint? ModeOf(int folder, byte[]? name)
    {
        Statx stat;
        var flags = name == null ? AtEmptyPath : AtSymlinkNoFollow;
        return statx(folder, name ?? Empty, flags, StatxBasicAndBirth, &stat) == 0
            ? stat.Mode & PosixMetadata.PermissionBits
            : null;
    }

    // Nearly no file has one, so its length is asked for first, for which nothing is set aside.
    private static int Read(byte[] path, bool follow, out byte[] list)
    {
        const int longerThanThat = 34; // ERANGE
        list = Array.Empty<byte>();
        var length = Read(path, follow, list);
        if (length <= 0)
            return length;
        list = new byte[length];
        length = Read(path, follow, list);
        if (length >= 0 || Marshal.GetLastWin32Error() != longerThanThat)
            return length;
        // It has grown since.
        list = new byte[LargestAttribute];
        return Read(path, follow, list);
    }

    private static int Read(byte[] path, bool follow, byte[] list)
    {
        fixed (byte* value = list)
            return (int)(
                follow ? getxattr(path, Access, value, list.Length) : lgetxattr(path, Access, value, list.Length)
            );
    }
}
