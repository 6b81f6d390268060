using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// The file system of 64-bit Linux, by its C library: names are bytes, and no link is followed anywhere in a path (<see
/// cref="PosixWay"/>).
/// </summary>
internal sealed unsafe class PosixFileSystem : IFileSystem, IBlockAccounting, IMediumReader
{
    private const uint PageOfXfs = 4096;

    // S_IFMT, S_IFREG, S_IFDIR, S_IFLNK (inode(7)).
    private const int TypeBits = 0xF000;
    private const int FileType = 0x8000;
    private const int FolderType = 0x4000;
    private const int LinkType = 0xA000;

    public bool IgnoresCase => false;

    public FileEntry? Find(string path)
    {
        const string operation = "look it up";
        var errno = PosixPlace.TryOpen(path, out var place);
        if (errno == 0)
        {
            using (place)
            {
                Statx stat;
                if (statx(place.Folder, place.Name, AtSymlinkNoFollow, StatxBasicAndBirth, &stat) == 0)
                {
                    var link = IsLink(stat) ? PosixListing.ReadLink(place.Folder, place.Name, path) : null;
                    return PosixAcl.Heed(ToEntry(PathOf.Leaf(path), stat, link), place.Folder, place.Name);
                }

                errno = Marshal.GetLastWin32Error();
            }
        }

        if (errno == PosixErrors.NoEntry || errno == PosixErrors.NotADirectory)
            return null;
        throw PosixWay.Failed(errno, path, operation);
    }

    public string Resolve(string path)
    {
        var real = realpath(Bytes(path), 0);
        if (real == 0)
        {
            var errno = Marshal.GetLastWin32Error();
            var parent = PathOf.Parent(path);
            if (errno != PosixErrors.NoEntry || parent == null)
                throw PosixErrors.Of(errno, path, "find out where it lies");
            return PathOf.Join(Resolve(parent), PathOf.Leaf(path));
        }

        var length = 0;
        while (((byte*)real)[length] != 0)
            length++;
        var bytes = new byte[length];
        Marshal.Copy(real, bytes, 0, length);
        free(real);
        return NameCodec.Decode(bytes, 0, length);
    }

    public IReadOnlyList<FileEntry> List(string folder) => PosixListing.Of(folder);

    public IBlockFile OpenRead(string path, bool direct) => Open(path, ReadOnly, direct, "open it for reading");

    // O_DIRECT reads past the cache where the file system has it, and falls back to the cache for what it keeps in
    // another form (compressed, inline). So the cache forgets the file as well, once nothing of it is still to be
    // written: such pages cannot be dropped (posix_fadvise(2)).
    public IBlockFile OpenOnMedium(string path)
    {
        var file = Open(path, ReadOnly, true, "open it for reading");
        file.ForgetCached();
        return file;
    }

    public IBlockFile OpenUpdate(string path, bool direct) => Open(path, ReadWrite, direct, "open it for writing");

    public IBlockFile Create(string path, bool direct) =>
        Open(path, ReadWrite | CreateFlag | Exclusive, direct, "create it");

    public void CreateFolder(string path, bool isPrivate)
    {
        const uint ownerOnly = 0x1C0,
            everyone = 0x1FF;
        using var place = PosixPlace.Of(path, "create the folder");
        if (mkdirat(place.Folder, place.Name, isPrivate ? ownerOnly : everyone) != 0)
            throw PosixErrors.Last(path, "create the folder");
        if (isPrivate)
            PosixAclRemoval.FromNewFolder(place.Folder, place.Name);
    }

    public void CreateLink(string path, FileEntry like)
    {
        using var place = PosixPlace.Of(path, "create the link");
        if (symlinkat(Bytes(like.LinkTarget ?? ""), place.Folder, place.Name) == 0)
            return;
        var errno = Marshal.GetLastWin32Error();
        throw PosixErrors.MeansNoLinks(errno, place.Folder)
            ? NoLinks.At(path, "create the link", errno)
            : PosixErrors.Of(errno, path, "create the link");
    }

    public void Rename(string from, string to)
    {
        var operation = "rename it to " + to;
        using var source = PosixPlace.Of(from, operation);
        if (PathOf.Parent(from) == PathOf.Parent(to))
        {
            Rename(source, source.Folder, Bytes(PathOf.Leaf(to)), from, operation);
            return;
        }

        using var target = PosixPlace.Of(to, operation);
        Rename(source, target.Folder, target.Name, from, operation);
    }

    public void DeleteFile(string path)
    {
        using var place = PosixPlace.Of(path, "delete it");
        if (unlinkat(place.Folder, place.Name, 0) != 0)
            throw PosixErrors.Last(path, "delete it");
    }

    public void DeleteFolder(string path)
    {
        using var place = PosixPlace.Of(path, "delete the folder");
        if (unlinkat(place.Folder, place.Name, AtRemoveFolder) != 0)
            throw PosixErrors.Last(path, "delete the folder");
    }

    public void SetMetadata(string path, FileEntry like) => PosixMetadata.Set(path, like);

    public void FlushFolder(string folder)
    {
        using var opened = OpenFolder(folder);
        // Some file systems (FUSE, CIFS) cannot flush folders and say so; there is nothing better to do on them.
        if (
            fsync(opened.Descriptor) != 0
            && Marshal.GetLastWin32Error() is var errno
            && !PosixErrors.IsNotOffered(errno)
        )
            throw PosixErrors.Of(errno, folder, "flush the folder");
    }

    public bool TryFlushVolume(string path)
    {
        using var opened = OpenFolder(path);
        if (!PosixFlush.ReachesTheMedium(opened.Descriptor, path))
            return false;
        if (syncfs(opened.Descriptor) != 0)
            throw PosixErrors.Last(path, "flush the volume");
        return true;
    }

    public VolumeInfo GetVolume(string path)
    {
        StatVfs space;
        bool marksSparse,
            isBehindAnother;
        using (var opened = OpenDescriptor(path, PathOnly, "ask for its volume"))
        {
            if (fstatvfs(opened.Descriptor, &space) != 0)
                throw PosixErrors.Last(path, "ask for its volume");
            isBehindAnother = !PosixFlush.ReachesTheMedium(opened.Descriptor, path);
            marksSparse = PosixSparseMark.IsKnownAt(Bytes(NameInProc(opened.Descriptor)));
        }

        var entry = Find(path) ?? throw PosixErrors.Of(PosixErrors.NoEntry, path, "ask for its volume");
        var mount = PosixMounts.Of(path, entry.Volume);
        return new VolumeInfo
        {
            Root = mount.Root,
            FileSystem = mount.FileSystem,
            Id = entry.Volume,
            Disk = PosixMounts.DiskOf(entry.Volume, mount.Source),
            FreeBytes = Saturate(space.Available, space.FragmentSize),
            TotalBytes = Saturate(space.Blocks, space.FragmentSize),
            ClonesBlocks =
                mount.FileSystem is "btrfs" or "bcachefs" or "ocfs2"
                || (mount.FileSystem == "xfs" && XfsSharesBlocks(path)),
            MarksSparse = marksSparse,
            IsBehindAnother = isBehindAnother,
            IsReadOnly = (space.Flags & ReadOnlyMount) != 0,
        };
    }

    public bool TryClone(string source, string destination)
    {
        using var from = (PosixDescriptor)OpenDescriptor(source, ReadOnly, "open it for reading");
        using var to = (PosixDescriptor)OpenDescriptor(destination, ReadWrite | CreateFlag | Exclusive, "create it");
        if (ioctl(to.Descriptor, FiClone, from.Descriptor) == 0)
        {
            CopyNoMoreThanIsWritten(to.Descriptor);
            return true;
        }

        var errno = Marshal.GetLastWin32Error();
        DeleteFile(destination);
        // EOPNOTSUPP, EXDEV, EINVAL, ENOTTY, EBADF, ENOSYS: "cannot", in the words of different file systems
        // (ioctl_ficlone(2)).
        return errno is 95 or 18 or PosixErrors.InvalidArgument or 25 or 9 or 38
            ? false
            : throw PosixErrors.Of(errno, destination, "clone " + source);
    }

    public BlockUse? UseOf(string path)
    {
        using var file = OpenDescriptor(path, ReadOnly, "open it for reading");
        return PosixExtents.UseOf(file.Descriptor);
    }

    public string? WhoElseMayWrite(string path) =>
        PosixUser.WhoElseMayWrite(
            Find(path) ?? throw PosixErrors.Of(PosixErrors.NoEntry, path, "read its permissions")
        );

    internal static FileEntry ToEntry(string name, in Statx stat, string? linkTarget = null) =>
        new()
        {
            Name = name,
            Kind = (stat.Mode & TypeBits) switch
            {
                FileType => EntryKind.File,
                FolderType => EntryKind.Folder,
                LinkType => EntryKind.Link,
                _ => EntryKind.Other,
            },
            Size = (stat.Mode & TypeBits) == FileType ? (long)stat.Size : 0,
            AllocatedBytes = (long)stat.Blocks * 512,
            Modified = new FileTime(stat.Modified.Seconds, (int)stat.Modified.Nanoseconds),
            Changed = new FileTime(stat.Changed.Seconds, (int)stat.Changed.Nanoseconds),
            Created = new FileTime(stat.Born.Seconds, (int)stat.Born.Nanoseconds),
            Attributes = stat.Mode & PosixMetadata.PermissionBits,
            Owner = stat.Owner,
            Group = stat.Group,
            LinkCount = stat.LinkCount,
            Volume = ((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor,
            FileId = stat.Inode,
            IsMountRoot = (stat.Flags & AttributeMountRoot) != 0,
            LinkTarget = linkTarget,
        };

    internal static bool IsLink(in Statx stat) => (stat.Mode & TypeBits) == LinkType;

    private static void Rename(PosixPlace source, int folder, byte[] name, string from, string operation)
    {
        if (renameat(source.Folder, source.Name, folder, name) != 0)
            throw PosixErrors.Last(from, operation);
    }

    // XFS sets 128 KiB aside for every write into a shared block (xfs_io(8), cowextsize) and gives back what is not
    // needed half an hour later (the kernel's
    // admin-guide/xfs, speculative_cow_prealloc_lifetime): pages that change here and there would cost thirty-two each.
    // Others do not know the hint, nor need it.
    private static void CopyNoMoreThanIsWritten(int clone)
    {
        const uint hasHint = 0x10000;
        FsXattr attributes;
        if (ioctl(clone, FsGetXattr, (nint)(&attributes)) != 0)
            return;
        attributes.Flags |= hasHint;
        attributes.CowExtentSize = PageOfXfs;
        _ = ioctl(clone, FsSetXattr, (nint)(&attributes));
    }

    private static long Saturate(ulong blocks, ulong size) =>
        blocks > long.MaxValue / Math.Max(1, size) ? long.MaxValue : (long)(blocks * size);

    private PosixBlockFile Open(string path, int flags, bool direct, string operation)
    {
        using var buffered = OpenDescriptor(path, flags, operation);
        RequireFile(path, operation, buffered.Descriptor);
        // By the first descriptor, so that it is the same file. EINVAL: the file system has no O_DIRECT; everything
        // then goes through the cache.
        var second = direct
            ? open(
                Bytes(NameInProc(buffered.Descriptor)),
                flags & ~(CreateFlag | Exclusive) | Direct | CloseOnExec | NonBlocking,
                0
            )
            : -1;
        return new PosixBlockFile(this, path, buffered.Release(), second);
    }

    private static string NameInProc(int descriptor) =>
        "/proc/self/fd/" + descriptor.ToString(CultureInfo.InvariantCulture);

    private static PosixDescriptor OpenDescriptor(string path, int flags, string operation)
    {
        const uint ownerReadsAndWrites = 0x180;
        // Opening a pipe would wait for somebody at its other end. For files it changes nothing.
        var file = PosixWay.Open(path, (flags & PathOnly) != 0 ? flags : flags | NonBlocking, ownerReadsAndWrites);
        return file >= 0 ? new PosixDescriptor(file) : throw PosixWay.Failed(-file, path, operation);
    }

    // Asked of what was opened, so that nobody can put something else there in between.
    private static unsafe void RequireFile(string path, string operation, int file)
    {
        Statx stat;
        byte nothing = 0;
        if (statx(file, &nothing, AtEmptyPath, StatxBasicAndBirth, &stat) != 0)
            throw PosixErrors.Last(path, operation);
        var kind = ToEntry(PathOf.Leaf(path), stat).Kind;
        if (kind == EntryKind.File)
            return;
        throw new BackupException(
            kind == EntryKind.Folder ? FailureKind.FileDiffers : FailureKind.NotSupported,
            path,
            operation,
            "it is " + KindText.Of(kind)
        );
    }

    private static PosixDescriptor OpenFolder(string folder)
    {
        var file = PosixWay.Open(folder, ReadOnly | DirectoryOnly);
        return file >= 0 ? new PosixDescriptor(file) : throw PosixWay.Failed(-file, folder, "open the folder");
    }

    // XFS can only if it was made so (mkfs.xfs, reflink); ioctl_xfs_fsgeometry(2) tells. Where it may not be asked,
    // trying decides.
    private static bool XfsSharesBlocks(string path)
    {
        const int size = 112,
            flagsAt = 92;
        const uint reflink = 1 << 20;
        var file = PosixWay.Open(path, ReadOnly | DirectoryOnly);
        if (file < 0)
            return true;
        using var opened = new PosixDescriptor(file);
        var geometry = stackalloc byte[size];
        return ioctl(opened.Descriptor, XfsGeometry, (nint)geometry) != 0
            || (*(uint*)(geometry + flagsAt) & reflink) != 0;
    }

    internal static byte[] Bytes(string path)
    {
        var name = NameCodec.Encode(path);
        if (Array.IndexOf(name, (byte)0) >= 0)
            throw new BackupException(FailureKind.NotSupported, path, "use this name", "it holds a zero character");
        Array.Resize(ref name, name.Length + 1);
        return name;
    }

    private sealed class PosixDescriptor : IDisposable
    {
        public PosixDescriptor(int descriptor) => Descriptor = descriptor;

        public int Descriptor { get; private set; }

        public int Release()
        {
            var descriptor = Descriptor;
            Descriptor = -1;
            return descriptor;
        }

        public void Dispose()
        {
            if (Descriptor >= 0)
                close(Descriptor);
        }
    }
}
