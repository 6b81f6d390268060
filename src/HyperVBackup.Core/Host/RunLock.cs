using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Host;

/// <summary>
/// One run at a time. The lock is the operating system's lock on an open file, so it ends with its process, however
/// that ends; the file's content only tells others who holds it.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const int Tries = 5;
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly string _token;

    private RunLock(IFileSystem files, string path, FileStream stream, string token)
    {
        _files = files;
        _path = path;
        _stream = stream;
        _token = token;
    }

    /// <summary>The lock file on a target.</summary>
    public static string OnTarget(string target) => PathOf.Join(target, ".hvbackup.lock");

    /// <summary>Takes the lock.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The lock file, created if it is not there.</param>
    /// <param name="plan">The plan that runs, for others to read.</param>
    /// <param name="now">The time, for others to read.</param>
    /// <exception cref="BackupException">Another run holds it (<see cref="FailureKind.LockHeld"/>, with who and since
    /// when), or the file cannot be made.</exception>
    public static RunLock Take(IFileSystem files, string path, string plan, DateTime now)
    {
        for (var attempt = 1; ; attempt++)
        {
            FileStream? stream = null;
            try
            {
                Prepare(files, path);
                stream = LockFile.Open(files, path);
                if (MayWriteTo(files, stream, path))
                    return new RunLock(files, path, stream, LockHolder.Sign(stream, plan, now));
                stream.Dispose();
            }
            catch (BackupException e) when (e.Failure.Kind == FailureKind.AccessDenied)
            {
                stream?.Dispose();
                throw LockHolder.OfAnotherUser(files, path) ?? e;
            }
            catch (BackupException)
            {
                stream?.Dispose();
                throw;
            }
            catch (Exception e) when (SystemErrors.IsOne(e))
            {
                Abandon(files, path, stream);
                // Another try, in case the holder was just leaving.
                if (IsLocked(e) && attempt >= Tries)
                    throw LockHolder.Held(files, path);
                if (e is UnauthorizedAccessException && LockHolder.OfAnotherUser(files, path) is { } other)
                    throw other;
                if (!IsLocked(e))
                    throw Unusable(files, path, e);
            }

            if (attempt >= 2 * Tries)
                throw LockHolder.Held(files, path);
        }
    }

    /// <summary>Who holds a lock now, in words; null: nobody. A file that a dead process has left is no lock.</summary>
    public static string? HolderOf(IFileSystem files, string path)
    {
        try
        {
            if (files.Find(path) is not { Kind: EntryKind.File })
                return null;
            LockFile.Probe(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BackupException)
        {
            return IsLocked(e) ? LockHolder.Held(files, path).Failure.Cause : null;
        }
    }

    /// <summary>
    /// The plan that a process says it runs, while it holds the lock; null: it does not, or does not say so.
    /// </summary>
    public static string? PlanOf(IFileSystem files, string path, int processId) =>
        LockHolder.Read(files, path) is { } holder
        && holder["processId"]?.ToString() == processId.ToString(CultureInfo.InvariantCulture)
            ? holder["plan"]?.ToString()
            : null;

    /// <summary>
    /// Makes sure that the lock file is still the one that was taken. The lock itself cannot be lost; but behind its
    /// back another file of that name can be made and locked, and whoever does that signs it.
    /// </summary>
    /// <exception cref="BackupException">
    /// It is not (<see cref="FailureKind.LockLost"/>), or cannot be looked at.
    /// </exception>
    public void RequireHeld()
    {
        var there = _files.Find(_path);
        if (there == null)
            throw Lost("somebody has removed the lock file during the run; another run may be writing there");
        var holder = LockHolder.Read(_files, _path);
        // By its number only where nobody has signed it: some network file systems give one file several.
        var isOurs =
            holder == null
                ? there.FileId == LockFile.Entry(_stream, _path).FileId
                : holder["token"]?.ToString() == _token;
        if (there.Kind != EntryKind.File || !isOurs)
            throw Lost("the lock file is another one than this run took: " + LockHolder.Words(holder));
    }

    public void Dispose()
    {
        // Elsewhere than on Windows the name goes before the lock does, so that nobody can lock a file that is about to
        // go. Windows forbids it while the file is open.
        if (!PathOf.IsWindows && IsHeld())
            SmallFiles.TryDelete(_files, _path);
        Close(_stream);
        if (PathOf.IsWindows)
            SmallFiles.TryDelete(_files, _path);
    }

    // How a run ended is told by its result; the lock goes with the handle, whatever its disk says.
    private static void Close(FileStream stream)
    {
        try
        {
            stream.Dispose();
        }
        catch (Exception e) when (SystemErrors.IsOne(e))
        {
            // Closed all the same.
        }
    }

    // The lock file of another run is not to be removed.
    private bool IsHeld()
    {
        try
        {
            RequireHeld();
            return true;
        }
        catch (BackupException)
        {
            return false;
        }
    }

    // A disk that others could write to may hold a link in its place, through which taking the lock would overwrite
    // some other file.
    // Made through the seam, the file is the owner's alone: whoever may open it could hold the lock.
    private static void Prepare(IFileSystem files, string path)
    {
        try
        {
            if (files.Find(path) is not { } there)
                files.Create(path, false).Dispose();
            else if (there.Kind != EntryKind.File || there.LinkCount > 1)
            {
                throw LockFile.Refused(
                    path,
                    "it is "
                        + (there.Kind == EntryKind.File ? "a second name of some other file" : KindText.Of(there.Kind))
                );
            }
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.DestinationExists)
        {
            // Another run made it at the same moment.
        }
    }

    // The last holder removes the file. If that happened between our opening and our locking it, we hold the lock of a
    // file that no longer has a name; or of one that somebody put aside.
    // A file of another user goes on being his: he could hold it for ever, or write into it. Nobody holds it now, so
    // root makes one of its own.
    private static bool MayWriteTo(IFileSystem files, FileStream stream, string path)
    {
        var opened = LockFile.Entry(stream, path);
        if (files.Find(path) is not { } named || !named.IsSameFileAs(opened))
            return false;
        if (PathOf.IsWindows || opened.Owner == 0 || !PosixUser.IsRoot)
            return true;
        files.DeleteFile(path);
        return false;
    }

    // A stream that could not be written tries it again when it is closed. What it leaves is nobody's lock, and is held
    // until its name is gone.
    private static void Abandon(IFileSystem files, string path, FileStream? stream)
    {
        if (stream == null)
            return;
        if (!PathOf.IsWindows)
            SmallFiles.TryDelete(files, path);
        Close(stream);
        if (PathOf.IsWindows)
            SmallFiles.TryDelete(files, path);
    }

    private BackupException Lost(string why) => new(FailureKind.LockLost, _path, "go on", why);

    // A sharing violation on Windows; elsewhere .NET reports a refused flock with EWOULDBLOCK (11).
    private static bool IsLocked(Exception e)
    {
        const int sharingViolation = unchecked((int)0x80070020),
            lockViolation = unchecked((int)0x80070021),
            wouldBlock = 11;
        return e is IOException && e.HResult is sharingViolation or lockViolation or wouldBlock;
    }

    // Asked again through the seam, which knows the words for what is wrong (no such folder, read-only, full).
    private static BackupException Unusable(IFileSystem files, string path, Exception e)
    {
        try
        {
            if (files.Find(path) == null)
            {
                files.Create(path, false).Dispose();
                SmallFiles.TryDelete(files, path);
            }
        }
        catch (BackupException exact)
        {
            return exact;
        }

        return new BackupException(SystemErrors.Of(e, path, "take the lock"), e);
    }
}
