using System;
using System.IO;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files.Posix;
using HyperVBackup.Files.Windows;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files;

/// <summary>
/// A file under the operating system's exclusive lock. It is opened without following a link anywhere in its path and
/// judged as opened, so that nobody who may write to its folder can make
/// another file be locked, emptied or written over.
/// </summary>
internal static class LockFile
{
    private const string Operation = "take the lock";
    private const uint OwnerReadsAndWrites = 0x180;

    /// <summary>Opens the file, making it if it is not there, and locks it. Nothing is written to it.</summary>
    /// <exception cref="IOException">Another process holds the lock: a sharing violation on Windows; elsewhere
    /// EWOULDBLOCK is its <see cref="Exception.HResult"/>, as .NET has it.</exception>
    /// <exception cref="BackupException">It cannot be opened; or it is a link, no file, or a second name of some other
    /// file.</exception>
    public static FileStream Open(IFileSystem files, string path)
    {
        if (PathOf.IsWindows)
            return OpenOnWindows(files, path);
        var handle = OpenPosix(path, ReadWrite | CreateFlag, OwnerReadsAndWrites);
        try
        {
            Require(handle, path);
            Lock(handle, exclusive: true);
            return new FileStream(handle, FileAccess.ReadWrite, 1);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Fails as <see cref="Open"/> does when a process holds the lock. Nothing is made or changed.</summary>
    public static void Probe(string path)
    {
        if (PathOf.IsWindows)
        {
            // For reading and shared with readers: refused while a run holds it.
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return;
        }

        using var handle = OpenPosix(path, ReadOnly, 0);
        Lock(handle, exclusive: false);
    }

    /// <summary>The file that is open, whatever its name has come to lead to.</summary>
    /// <exception cref="BackupException">It cannot be looked at: its disk is gone, say.</exception>
    public static unsafe FileEntry Entry(FileStream stream, string path)
    {
        var handle = HandleOf(stream, path);
        return PathOf.IsWindows ? WindowsEntry.Read(handle, PathOf.Leaf(path), path) : Entry(handle, path);
    }

    // .NET moves the file's position as it hands the handle out, which a disk that is gone refuses.
    private static SafeFileHandle HandleOf(FileStream stream, string path)
    {
        try
        {
            return stream.SafeFileHandle;
        }
        catch (IOException e)
        {
            throw new BackupException(SystemErrors.Of(e, path, Operation));
        }
    }

    private static unsafe FileEntry Entry(SafeFileHandle handle, string path)
    {
        Statx stat;
        byte nothing = 0;
        if (statx((int)handle.DangerousGetHandle(), &nothing, AtEmptyPath, StatxBasicAndBirth, &stat) != 0)
            throw PosixErrors.Last(path, Operation);
        return PosixFileSystem.ToEntry(PathOf.Leaf(path), stat);
    }

    private static SafeFileHandle OpenPosix(string path, int flags, uint mode)
    {
        var file = PosixWay.Open(path, flags | NonBlocking, mode);
        return file >= 0 ? new SafeFileHandle((IntPtr)file, true) : throw PosixWay.Failed(-file, path, Operation);
    }

    // File systems that have no locks (some network shares) refuse with other errors: there nothing can be done, and
    // .NET does no more either.
    private static void Lock(SafeFileHandle handle, bool exclusive)
    {
        const int shared = 1,
            alone = 2,
            doNotWait = 4,
            wouldBlock = 11;
        if (
            flock((int)handle.DangerousGetHandle(), (exclusive ? alone : shared) | doNotWait) != 0
            && Marshal.GetLastWin32Error() == wouldBlock
        )
            throw new IOException("Another process holds the lock.", wouldBlock);
    }

    private static void Require(SafeFileHandle handle, string path) => Require(Entry(handle, path), path);

    private static void Require(FileEntry entry, string path)
    {
        if (entry.Kind == EntryKind.File && entry.LinkCount == 1)
            return;
        if (entry.Kind == EntryKind.File && entry.LinkCount == 0)
            return; // Its last holder has just removed it; who locks it finds out.
        throw Refused(
            path,
            entry.Kind == EntryKind.File ? "it is a second name of some other file" : "it is " + KindText.Of(entry.Kind)
        );
    }

    /// <summary>What stands in the place of a lock is none.</summary>
    public static BackupException Refused(string path, string why) =>
        new(
            new Failure(FailureKind.LinkRefused, path, Operation, why)
            {
                Advice = "Find out who put it there and remove it; the lock is made anew.",
            }
        );

    // The handle is of the file itself, never of what a link leads to: opened by the seam's rule, then kept by the
    // handle that .NET can lock. Both must be one file.
    private static FileStream OpenOnWindows(IFileSystem files, string path)
    {
        // Others may read who holds it.
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1);
        try
        {
            var opened = Entry(stream, path);
            Require(opened, path);
            if (files.Find(path) is not { } named || !named.IsSameFileAs(opened))
                throw Refused(path, "a link leads from it to some other file");
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
