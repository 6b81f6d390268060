using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Shadows.Btrfs;

/// <summary>
/// The ioctls of btrfs that snapshots need, on open folders: no other program is needed, and nothing can be put in a
/// folder's place meanwhile.
/// Numbers, sizes and offsets are those of the kernel's linux/btrfs.h (uapi); what the calls check and return is in
/// fs/btrfs/ioctl.c.
/// They are the same on all 64-bit architectures that Linux numbers ioctls alike for (x86-64, AArch64).
/// </summary>
internal static unsafe class BtrfsCalls
{
    private const nuint SnapCreateV2 = 0x50009417,
        SnapDestroy = 0x5000940F,
        SetFlags = 0x4008941A;
    private const nuint FsInfo = 0x8400941F,
        GetSubvolInfo = 0x81F8943C,
        GetSubvolRootRef = 0xD000943D,
        InoLookupUser = 0xD000943E;
    private const long Magic = 0x9123683E; // BTRFS_SUPER_MAGIC, linux/magic.h
    private const ulong RootInode = 256; // BTRFS_FIRST_FREE_OBJECTID: the inode of every subvolume's root folder.
    private const ulong ReadOnlyFlag = 2; // BTRFS_SUBVOL_RDONLY
    private const int ArgumentSize = 4096;
    private const int TooManyReferences = 75; // EOVERFLOW: a full buffer, and more to come.
    private const int NoSuchCall = 25; // ENOTTY

    /// <summary>Whether a folder lies on btrfs.</summary>
    public static bool IsBtrfs(PosixFolder folder) => folder.FileSystemType == Magic;

    /// <summary>Whether a folder is a subvolume's root.</summary>
    public static bool IsRoot(PosixFolder folder) => folder.Entry.FileId == RootInode;

    /// <summary>The file system's own id (struct btrfs_ioctl_fs_info_args).</summary>
    public static Guid FileSystemOf(PosixFolder folder)
    {
        const int fsid = 16;
        var about = stackalloc byte[1024];
        if (Call(folder, FsInfo, about) is var errno && errno != 0)
            throw PosixErrors.Of(errno, folder.Path, "ask for its file system (BTRFS_IOC_FS_INFO)");
        return ReadId(about + fsid);
    }

    /// <summary>The subvolume a folder lies in (struct btrfs_ioctl_get_subvol_info_args).</summary>
    public static BtrfsSubvolume SubvolumeOf(PosixFolder folder)
    {
        const int flags = 288,
            uuid = 296,
            parentUuid = 312,
            created = 392,
            readOnlyRoot = 1; // BTRFS_ROOT_SUBVOL_RDONLY
        var about = stackalloc byte[504];
        var errno = Call(folder, GetSubvolInfo, about);
        if (errno == NoSuchCall)
            throw new BackupException(
                new Failure(
                    FailureKind.ProviderUnavailable,
                    folder.Path,
                    "ask for its subvolume (BTRFS_IOC_GET_SUBVOL_INFO)",
                    "this kernel is older than Linux 4.18"
                )
                {
                    NativeCode = errno,
                }
            );
        if (errno != 0)
            throw PosixErrors.Of(errno, folder.Path, "ask for its subvolume (BTRFS_IOC_GET_SUBVOL_INFO)");
        return new BtrfsSubvolume
        {
            Id = *(ulong*)about,
            FileSystem = FileSystemOf(folder),
            Uuid = ReadId(about + uuid),
            ParentUuid = ReadId(about + parentUuid),
            IsReadOnly = (*(ulong*)(about + flags) & readOnlyRoot) != 0,
            Created = DateTimeOffset
                .FromUnixTimeSeconds(*(long*)(about + created))
                .UtcDateTime.AddTicks(*(uint*)(about + created + 8) / 100),
        };
    }

    /// <summary>
    /// Makes a read-only snapshot of the subvolume with this root (struct btrfs_ioctl_vol_args_v2). It is durable when
    /// this returns.
    /// </summary>
    /// <returns>0, or errno.</returns>
    public static int Snapshot(PosixFolder root, PosixFolder into, string name)
    {
        const int flags = 16,
            nameAt = 56;
        var order = stackalloc byte[ArgumentSize];
        Clear(order);
        *(long*)order = root.Descriptor;
        *(ulong*)(order + flags) = ReadOnlyFlag;
        WriteName(order + nameAt, name);
        return Call(into, SnapCreateV2, order);
    }

    /// <summary>
    /// Deletes a subvolume by its name in a folder (struct btrfs_ioctl_vol_args). What is none, it refuses.
    /// </summary>
    /// <returns>0, or errno.</returns>
    public static int Destroy(PosixFolder folder, string name)
    {
        const int nameAt = 8;
        var order = stackalloc byte[ArgumentSize];
        Clear(order);
        WriteName(order + nameAt, name);
        return Call(folder, SnapDestroy, order);
    }

    /// <summary>Lets a snapshot be written to, without which only root may delete it.</summary>
    /// <returns>0, or errno.</returns>
    public static int MakeWritable(PosixFolder root)
    {
        ulong none = 0;
        return Call(root, SetFlags, (byte*)&none);
    }

    /// <summary>The paths of the subvolumes right inside the one with this root, below it.</summary>
    public static IReadOnlyList<string> NestedIn(PosixFolder root)
    {
        const int references = 8,
            count = 4088,
            mostReferences = 255;
        var found = new List<string>();
        var list = stackalloc byte[ArgumentSize];
        Clear(list);
        for (var errno = TooManyReferences; errno == TooManyReferences; )
        {
            errno = Call(root, GetSubvolRootRef, list);
            if (errno != 0 && errno != TooManyReferences)
                throw PosixErrors.Of(errno, root.Path, "list its nested subvolumes (BTRFS_IOC_GET_SUBVOL_ROOTREF)");
            // The least id to look for has been moved on by the call.
            for (var i = 0; i < Math.Min(list[count], (byte)mostReferences); i++)
            {
                var reference = (ulong*)(list + references + 16 * i);
                if (PathOfNested(root, reference[0], reference[1]) is { } path)
                    found.Add(path);
            }
        }

        return found;
    }

    // struct btrfs_ioctl_ino_lookup_user_args: the folder that holds the subvolume, as a path with a '/' at its end,
    // and the subvolume's name in it.
    private static string? PathOfNested(PosixFolder root, ulong subvolume, ulong folder)
    {
        const int nameAt = 16,
            pathAt = nameAt + 256,
            noEntry = 2;
        var order = stackalloc byte[ArgumentSize];
        Clear(order);
        ((ulong*)order)[0] = folder;
        ((ulong*)order)[1] = subvolume;
        return Call(root, InoLookupUser, order) switch
        {
            0 => ReadName(order + pathAt, ArgumentSize - pathAt) + ReadName(order + nameAt, 256),
            noEntry => null, // Deleted since it was listed.
            var errno => throw PosixErrors.Of(
                errno,
                root.Path,
                "look up the nested subvolume " + subvolume + " (BTRFS_IOC_INO_LOOKUP_USER)"
            ),
        };
    }

    private static int Call(PosixFolder folder, nuint request, byte* argument) =>
        PosixNative.ioctl(folder.Descriptor, request, (nint)argument) == 0 ? 0 : Marshal.GetLastWin32Error();

    private static void Clear(byte* bytes)
    {
        for (var i = 0; i < ArgumentSize / 8; i++)
            ((ulong*)bytes)[i] = 0;
    }

    private static void WriteName(byte* to, string name)
    {
        var bytes = NameCodec.Encode(name);
        for (var i = 0; i < bytes.Length; i++)
            to[i] = bytes[i];
    }

    private static string ReadName(byte* from, int most)
    {
        var length = 0;
        while (length < most && from[length] != 0)
            length++;
        var bytes = new byte[length];
        Marshal.Copy((nint)from, bytes, 0, length);
        return NameCodec.Decode(bytes, 0, length);
    }

    // In the order in which "btrfs subvolume show" prints them.
    private static Guid ReadId(byte* from)
    {
        var bytes = new byte[16];
        Marshal.Copy((nint)from, bytes, 0, 16);
        return Guid.ParseExact(BitConverter.ToString(bytes).Replace("-", ""), "N");
    }
}
