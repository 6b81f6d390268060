using System.Text;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// FILE_ATTRIBUTE_SPARSE_FILE as Linux shows it: NTFS by ntfs-3g and by the kernel's drivers (system.ntfs_attrib,
/// Documentation/filesystems/ntfs3.rst), and servers that speak SMB (user.cifs.dosattrib, fs/smb/client/xattr.c).
/// Both are 32 bits in the processor's order.
/// </summary>
internal static unsafe class PosixSparseMark
{
    private const uint Sparse = 0x200;
    private static readonly byte[] OfNtfs = Name("system.ntfs_attrib");
    private static readonly byte[] OfSmb = Name("user.cifs.dosattrib");

    /// <summary>What <see cref="IBlockFile.IsMarkedSparse"/> says of an open file.</summary>
    public static bool? Of(int file)
    {
        uint bits;
        if (
            fgetxattr(file, OfNtfs, &bits, sizeof(uint)) == sizeof(uint)
            || fgetxattr(file, OfSmb, &bits, sizeof(uint)) == sizeof(uint)
        )
            return (bits & Sparse) != 0;
        return null;
    }

    /// <summary>Whether files are marked here at all, asked of a file or folder by its name in /proc.</summary>
    public static bool IsKnownAt(byte[] nameInProc)
    {
        uint bits;
        return getxattr(nameInProc, OfNtfs, &bits, sizeof(uint)) == sizeof(uint)
            || getxattr(nameInProc, OfSmb, &bits, sizeof(uint)) == sizeof(uint);
    }

    /// <summary>What <see cref="IBlockFile.TryUnmarkSparse"/> does.</summary>
    // A Windows server takes the mark off by FSCTL_SET_SPARSE only, which the kernel's client has no call for.
    public static bool TryClear(int file)
    {
        uint bits;
        if (fgetxattr(file, OfNtfs, &bits, sizeof(uint)) != sizeof(uint))
            return false;
        bits &= ~Sparse;
        return fsetxattr(file, OfNtfs, &bits, sizeof(uint), 0) == 0;
    }

    private static byte[] Name(string name) => Encoding.ASCII.GetBytes(name + "\0");
}
