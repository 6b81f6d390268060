using System;
using System.IO;
using System.Runtime.InteropServices;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// A folder held open on 64-bit Linux: what is done through it happens in this very folder, whatever its path has come
/// to lead to. No link is followed.
/// </summary>
internal sealed unsafe class PosixFolder : IDisposable
{
    private const uint OwnerOnly = 0x1C0;
    private int _descriptor;

    private PosixFolder(int descriptor, string path)
    {
        _descriptor = descriptor;
        Path = path;
    }

    /// <summary>The path it was opened by.</summary>
    public string Path { get; }

    /// <summary>For calls that take a descriptor; not to be kept.</summary>
    public int Descriptor => _descriptor;

    /// <summary>What it is now.</summary>
    public FileEntry Entry
    {
        get
        {
            Statx stat;
            byte nothing = 0;
            if (statx(_descriptor, &nothing, AtEmptyPath, StatxBasicAndBirth, &stat) != 0)
                throw PosixErrors.Last(Path, "read its metadata");
            return PosixAcl.Heed(PosixFileSystem.ToEntry(PathOf.Leaf(Path), stat), _descriptor);
        }
    }

    /// <summary>The kind of its file system, as statfs(2) tells it.</summary>
    public long FileSystemType
    {
        get
        {
            StatFs about;
            return fstatfs(_descriptor, &about) == 0
                ? about.Type
                : throw PosixErrors.Last(Path, "ask for its file system");
        }
    }

    /// <summary>The mount it was reached through: proc(5), fdinfo. -1 when that cannot be told.</summary>
    public int MountId
    {
        get
        {
            try
            {
                foreach (var line in File.ReadAllLines("/proc/self/fdinfo/" + _descriptor))
                    if (
                        line.StartsWith("mnt_id:", StringComparison.Ordinal)
                        && int.TryParse(line.Substring(7).Trim(), out var id)
                    )
                        return id;
            }
            catch (IOException) { }
            catch (UnauthorizedAccessException) { }

            return -1;
        }
    }

    /// <summary>Opens a folder.</summary>
    public static PosixFolder Open(string path)
    {
        var folder = PosixWay.Open(path, ReadOnly | DirectoryOnly);
        return folder >= 0 ? new PosixFolder(folder, path) : throw PosixWay.Failed(-folder, path, "open the folder");
    }

    /// <summary>Opens a folder; null when there is none.</summary>
    public static PosixFolder? TryOpen(string path)
    {
        var folder = PosixWay.Open(path, ReadOnly | DirectoryOnly);
        return folder >= 0 ? new PosixFolder(folder, path) : NullIfMissing(-folder, path);
    }

    /// <summary>Opens a folder in this one; null when there is none of that name.</summary>
    public PosixFolder? TryOpenIn(string name)
    {
        var path = PathOf.Join(Path, name);
        return TryOpen(_descriptor, name, path) ?? NullIfMissing(Marshal.GetLastWin32Error(), path);
    }

    /// <summary>Opens the folder above; its own when this is the root of everything.</summary>
    public PosixFolder OpenParent() =>
        TryOpen(_descriptor, "..", PathOf.Parent(Path) ?? Path)
        ?? throw PosixErrors.Last(Path, "open the folder above");

    /// <summary>Whether both are one folder.</summary>
    public bool IsSame(PosixFolder other) => Entry.IsSameFileAs(other.Entry);

    /// <summary>Makes a folder in it that only its owner may enter.</summary>
    public void CreateIn(string name)
    {
        var bytes = PosixFileSystem.Bytes(name);
        if (mkdirat(_descriptor, bytes, OwnerOnly) != 0)
            throw PosixErrors.Last(PathOf.Join(Path, name), "create the folder");
        PosixAclRemoval.FromNewFolder(_descriptor, bytes);
    }

    /// <summary>Deletes an empty folder in it.</summary>
    public void DeleteIn(string name)
    {
        if (unlinkat(_descriptor, PosixFileSystem.Bytes(name), AtRemoveFolder) != 0)
            throw PosixErrors.Last(PathOf.Join(Path, name), "delete the folder");
    }

    /// <summary>Makes the names in it durable.</summary>
    public void Flush()
    {
        if (fsync(_descriptor) != 0)
            throw PosixErrors.Last(Path, "flush the folder");
    }

    /// <summary>Writes out all that its file system still has in memory.</summary>
    public void FlushVolume()
    {
        if (syncfs(_descriptor) != 0)
            throw PosixErrors.Last(Path, "flush the volume");
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
            close(_descriptor);
        _descriptor = -1;
    }

    private static PosixFolder? TryOpen(int at, string name, string path)
    {
        var descriptor = openat(at, PosixFileSystem.Bytes(name), ReadOnly | DirectoryOnly | NoFollow | CloseOnExec, 0);
        return descriptor < 0 ? null : new PosixFolder(descriptor, path);
    }

    // A link or a file in its place is no folder either: ENOTDIR (open(2), O_DIRECTORY with O_NOFOLLOW).
    private static PosixFolder? NullIfMissing(int errno, string path) =>
        errno is PosixErrors.NoEntry or PosixErrors.NotADirectory or PosixWay.IsLink
            ? null
            : throw PosixErrors.Of(errno, path, "open the folder");
}
