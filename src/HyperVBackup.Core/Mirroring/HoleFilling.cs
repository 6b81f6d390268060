using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Virtual disks without holes, where the file system marks files that have some: Hyper-V attaches none that is marked
/// ("must not be sparse", 0xC03A001A). ntfs-3g marks a file that is made longer, and takes the mark off when its last
/// hole is written to (tried with 2022.10.3); the kernel's ntfs3 takes it off empty files only.
/// Other files keep their holes everywhere.
/// </summary>
internal sealed class HoleFilling
{
    private HoleFilling(long from) => From = from;

    /// <summary>Holes stay holes.</summary>
    public static HoleFilling None { get; } = new(long.MaxValue);

    /// <summary>All of the file is written.</summary>
    public static HoleFilling Whole { get; } = new(0);

    /// <summary>From which byte on zeroes are written as everything else is; beyond all files: nowhere.</summary>
    public long From { get; }

    /// <summary>Whether anything has to be written that would otherwise be left as a hole.</summary>
    public bool IsNeeded => From < long.MaxValue;

    /// <summary>Gives a file its length, and tells what must be written of it so that no hole is left.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The name that it will have.</param>
    /// <param name="held">Its length so far.</param>
    /// <param name="length">Its length from now on.</param>
    public static HoleFilling SetLength(IBlockFile file, string name, long held, long length)
    {
        var isMarked = IsMarked(file, name);
        // The kernel's driver, mounted with "sparse", marks files as they are made.
        if (isMarked && held == 0 && file.TryUnmarkSparse())
            isMarked = IsMarked(file, name);
        file.SetLength(length);
        return !IsMarked(file, name) ? None
            : isMarked ? Whole
            : new HoleFilling(held);
    }

    /// <summary>
    /// As <see cref="SetLength"/>, for a new file of few bytes, which gets its length by being written.
    /// </summary>
    public static HoleFilling OfNew(IBlockFile file, string name)
    {
        if (MayPunch(file, name))
            return None;
        if (IsMarked(file, name))
            file.TryUnmarkSparse();
        return Whole;
    }

    /// <summary>
    /// Whether a range of zeroes may become a hole: it would mark the file, also through SMB (smb3_punch_hole).
    /// </summary>
    public static bool MayPunch(IBlockFile file, string name) =>
        !ContentKinds.IsAttached(name) || file.IsMarkedSparse() == null;

    /// <summary>Whether a file is a virtual disk that Hyper-V would refuse because it is marked.</summary>
    public static bool IsMarked(IFileSystem files, string path, string name)
    {
        if (!ContentKinds.IsAttached(name))
            return false;
        try
        {
            using var file = files.OpenRead(path, false);
            return IsMarked(file, name);
        }
        catch (BackupException)
        {
            return false; // Whoever compares or writes it meets the same, and says so.
        }
    }

    /// <summary>Whether this range must be written, whatever it holds.</summary>
    public bool Covers(long offset, long length) => offset + length > From;

    /// <summary>How much of what reads as zero, from an offset on, may be left alone.</summary>
    public long HoleAhead(long offset, long length) =>
        !Covers(offset, length) ? length
        : offset >= From ? 0
        : From - offset;

    /// <summary>What is to be said of a file that was written whole and is marked all the same; else null.</summary>
    public string? Warning(IBlockFile file, string path) =>
        !IsNeeded || file.IsMarkedSparse() != true
            ? null
            : path
                + " is a sparse file, and this file system does not let it become an ordinary one: Hyper-V does not "
                + "attach it. Copy it once more on Windows.";

    private static bool IsMarked(IBlockFile file, string name) =>
        ContentKinds.IsAttached(name) && file.IsMarkedSparse() == true;
}
