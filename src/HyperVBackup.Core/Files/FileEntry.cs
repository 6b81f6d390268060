namespace HyperVBackup.Files;

/// <summary>What a directory entry is.</summary>
public enum EntryKind
{
    /// <summary>A regular file.</summary>
    File = 1,

    /// <summary>A real folder.</summary>
    Folder = 2,

    /// <summary>A symbolic link, junction or mount point: copied as what it is, never followed.</summary>
    Link = 3,

    /// <summary>A socket, pipe, device or unknown reparse point: cannot be copied.</summary>
    Other = 4,
}

/// <summary>One directory entry with its metadata, read without following links.</summary>
public sealed record FileEntry
{
    /// <summary>The last component of the path.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>Bytes; 0 for anything but a file.</summary>
    public long Size { get; init; }

    /// <summary>Bytes allocated on the volume; less than <see cref="Size"/> in sparse files.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Last write.</summary>
    public FileTime Modified { get; init; }

    /// <summary>
    /// Last change of data or metadata (ctime; FILE_BASIC_INFO.ChangeTime). Programs cannot set it back, so it tells
    /// whether a file was touched.
    /// </summary>
    public FileTime Changed { get; init; }

    /// <summary>Creation; default where the file system has none.</summary>
    public FileTime Created { get; init; }

    /// <summary>POSIX: the permission bits (07777). Windows: the FILE_ATTRIBUTE_* bits that can be set.</summary>
    public uint Attributes { get; init; }

    /// <summary>
    /// POSIX: the permission bits as the file system tells them, where it has an access list: those of the group are
    /// then a mask, the most that anyone the list names may do, and <see cref="Attributes"/> holds what the owning
    /// group may. Null where there is no list, or one that lets in nobody.
    /// </summary>
    public uint? RawMode { get; init; }

    /// <summary>POSIX owner; 0 on Windows.</summary>
    public uint Owner { get; init; }

    /// <summary>POSIX group; 0 on Windows.</summary>
    public uint Group { get; init; }

    /// <summary>How many names the file has. More than one: writing in place would change other files too.</summary>
    public uint LinkCount { get; init; } = 1;

    /// <summary>The volume's identity on this machine, comparable only while it stays mounted.</summary>
    public ulong Volume { get; init; }

    /// <summary>The file's identity on its volume.</summary>
    public ulong FileId { get; init; }

    /// <summary>
    /// Whether something is mounted at it (STATX_ATTR_MOUNT_ROOT, Linux 5.8); also where that has the volume of the
    /// folder around it, as a bind mount may. False where it cannot be told.
    /// </summary>
    public bool IsMountRoot { get; init; }

    /// <summary>Where a link points, as stored in it; null for anything else.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>Which link it is; meaningful on Windows, where the kinds differ.</summary>
    public LinkKind LinkKind { get; init; }

    /// <summary>Whether both are one file, as far as the file system's numbers tell: 0 is nobody's.</summary>
    internal bool IsSameFileAs(FileEntry other) => FileId == other.FileId && Volume == other.Volume;
}

/// <summary>The kinds of link.</summary>
public enum LinkKind
{
    /// <summary>A symbolic link (Windows: to a file).</summary>
    Symbolic = 0,

    /// <summary>Windows: a symbolic link to a directory.</summary>
    SymbolicFolder = 1,

    /// <summary>Windows: a junction or mounted folder.</summary>
    Junction = 2,
}
