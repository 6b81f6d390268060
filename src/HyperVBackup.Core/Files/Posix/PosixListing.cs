using System.Collections.Generic;
using System.Runtime.InteropServices;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>What a folder of 64-bit Linux holds: every entry is looked up in the very folder that was opened.</summary>
internal static unsafe class PosixListing
{
    /// <summary>The entries of a folder; those that vanish meanwhile are left out.</summary>
    public static IReadOnlyList<FileEntry> Of(string folder)
    {
        var file = PosixWay.Open(folder, ReadOnly | DirectoryOnly);
        if (file < 0)
            throw PosixWay.Failed(-file, folder, "list the folder");
        var handle = fdopendir(file);
        if (handle == 0)
        {
            var failure = PosixErrors.Last(folder, "list the folder");
            close(file);
            throw failure;
        }

        try
        {
            return ReadEntries(folder, handle, file);
        }
        finally
        {
            closedir(handle);
        }
    }

    /// <summary>Where a link in an open folder points.</summary>
    public static string ReadLink(int folder, byte[] name, string path)
    {
        var buffer = new byte[4097]; // PATH_MAX
        var length = readlinkat(folder, name, buffer, buffer.Length);
        if (length < 0)
            throw PosixErrors.Last(path, "read the link");
        return NameCodec.Decode(buffer, 0, (int)length);
    }

    private static List<FileEntry> ReadEntries(string folder, nint handle, int file)
    {
        const int nameOffset = 19; // struct dirent: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name
        var entries = new List<FileEntry>();
        var bytes = new byte[256];
        for (var record = NextRecord(folder, handle); record != null; record = NextRecord(folder, handle))
        {
            var name = record + nameOffset;
            var length = 0;
            while (name[length] != 0)
                length++;
            if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
                continue;
            if (length > bytes.Length)
                bytes = new byte[2 * length];
            Marshal.Copy((nint)name, bytes, 0, length);
            var text = NameCodec.Decode(bytes, 0, length);
            Statx stat;
            if (statx(file, name, AtSymlinkNoFollow, StatxBasicAndBirth, &stat) == 0)
            {
                var ended = NameOf(name, length);
                var link = PosixFileSystem.IsLink(stat) ? ReadLink(file, ended, PathOf.Join(folder, text)) : null;
                entries.Add(PosixAcl.Heed(PosixFileSystem.ToEntry(text, stat, link), file, ended));
                continue;
            }

            var errno = Marshal.GetLastWin32Error();
            if (errno != PosixErrors.NoEntry)
                throw PosixErrors.Of(errno, PathOf.Join(folder, text), "look it up");
        }

        return entries;
    }

    // readdir tells its end from an error by errno alone. Each of our declarations clears errno before the call, as
    // SetLastError promises.
    private static byte* NextRecord(string folder, nint handle)
    {
        var record = readdir(handle);
        if (record == null && Marshal.GetLastWin32Error() is var errno && errno != 0)
            throw PosixErrors.Of(errno, folder, "list the folder");
        return record;
    }

    private static byte[] NameOf(byte* name, int length)
    {
        var bytes = new byte[length + 1];
        Marshal.Copy((nint)name, bytes, 0, length);
        return bytes;
    }
}
