using System.Runtime.InteropServices;
using System.Text;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// Rids a copy of the access list that the folder around it passed on to it (acl(5), object creation and default ACLs).
/// Setting the mode of a file with a list sets the list's mask alone, and so would let in all whom it names.
/// </summary>
internal static unsafe class PosixAclRemoval
{
    private static readonly byte[] Default = Encoding.ASCII.GetBytes("system.posix_acl_default\0");

    /// <summary>
    /// Takes the lists from a file or folder that is to have the permissions of the source and no others. What is its
    /// own entry, changed, keeps them: that is no copy.
    /// </summary>
    /// <param name="name">A name of the open file (<see cref="PosixAcl.NameOf"/>).</param>
    /// <param name="file">The open file.</param>
    /// <param name="like">What it is to be like.</param>
    /// <returns>
    /// The mode that it may be given then: without the group's bits where a list is there to stay, and these are what
    /// it allows.
    /// </returns>
    public static uint Prepare(byte[] name, int file, FileEntry like)
    {
        var mode = like.Attributes & PosixMetadata.PermissionBits;
        if (like.Kind == EntryKind.Folder && Has(name, Default) && !IsOf(file, like))
            _ = removexattr(name, Default);
        if (!Has(name, PosixAcl.Access) || IsOf(file, like))
            return mode;
        // Without the list the mask's bits are the owning group's, so there are none in between.
        var closed = mode & ~PosixAcl.GroupBits;
        _ = chmod(name, closed);
        return removexattr(name, PosixAcl.Access) == 0 || !Has(name, PosixAcl.Access) ? mode : closed;
    }

    /// <summary>
    /// Takes the lists from a folder that was just made, its owner's alone: its empty mask lets in nobody, and nothing
    /// in it shall inherit any.
    /// </summary>
    /// <param name="folder">The open folder around it.</param>
    /// <param name="name">Its name, ended by zero.</param>
    public static void FromNewFolder(int folder, byte[] name)
    {
        var path = PosixAcl.NameIn(folder, name);
        foreach (var attribute in new[] { Default, PosixAcl.Access })
            if (lgetxattr(path, attribute, null, 0) > 0)
                _ = lremovexattr(path, attribute);
    }

    private static bool Has(byte[] name, byte[] attribute) => getxattr(name, attribute, null, 0) > 0;

    private static bool IsOf(int file, FileEntry like)
    {
        Statx stat;
        byte nothing = 0;
        return statx(file, &nothing, AtEmptyPath, StatxBasicAndBirth, &stat) == 0
            && PosixFileSystem.ToEntry(like.Name, stat).IsSameFileAs(like);
    }
}
