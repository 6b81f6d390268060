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
                    return new RunLock(files, path, stream, Sign(stream, plan, now));
                stream.Dispose();
            }
            catch (BackupException e) when (e.Failure.Kind == FailureKind.AccessDenied)
            {
                stream?.Dispose();
                throw OfAnotherUser(files, path) ?? e;
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
                    throw Held(files, path);
                if (e is UnauthorizedAccessException && OfAnotherUser(files, path) is { } other)
                    throw other;
                if (!IsLocked(e))
                    throw Unusable(files, path, e);
            }

            if (attempt >= 2 * Tries)
                throw Held(files, path);
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
            return IsLocked(e) ? Held(files, path).Failure.Cause : null;
        }
    }

    /// <summary>
    /// The plan that a process says it runs, while it holds the lock; null: it does not, or does not say so.
    /// </summary>
    public static string? PlanOf(IFileSystem files, string path, int processId) =>
        ReadHolder(files, path) is { } holder
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
        var holder = ReadHolder(_files, _path);
        // By its number only where nobody has signed it: some network file systems give one file several.
        var isOurs =
            holder == null
                ? there.FileId == LockFile.Entry(_stream, _path).FileId
                : holder["token"]?.ToString() == _token;
        if (there.Kind != EntryKind.File || !isOurs)
            throw Lost("the lock file is another one than this run took: " + WhoIn(holder));
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
        if (files.Find(path) is not { } named || named.FileId != opened.FileId || named.Volume != opened.Volume)
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

    private static string Sign(FileStream stream, string plan, DateTime now)
    {
        var token = Guid.NewGuid().ToString("N");
        var holder = new JObject
        {
            ["host"] = Environment.MachineName,
            ["user"] = Environment.UserName,
            ["processId"] = Host.JournalOwner.Current.ProcessId,
            ["plan"] = plan,
            ["since"] = now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["token"] = token,
        };
        var bytes = Encoding.UTF8.GetBytes(holder.ToString(Formatting.Indented) + "\n");
        stream.SetLength(0);
        stream.Write(bytes, 0, bytes.Length);
        stream.Flush();
        return token;
    }

    private static JObject? ReadHolder(IFileSystem files, string path)
    {
        try
        {
            return JObject.Parse(Encoding.UTF8.GetString(SmallFiles.Read(files, path, 64 * 1024)));
        }
        catch (Exception e) when (e is BackupException or JsonException)
        {
            return null;
        }
    }

    private static BackupException Held(IFileSystem files, string path)
    {
        if (PosixUser.IsRoot && files.Find(path) is { Kind: EntryKind.File, Owner: not 0 } there)
            return HeldByUser(files, path, there);
        return new BackupException(FailureKind.LockHeld, path, "take the lock", WhoIn(ReadHolder(files, path)));
    }

    private BackupException Lost(string why) => new(FailureKind.LockLost, _path, "go on", why);

    private static string WhoIn(JObject? holder) =>
        holder == null
            ? "another run holds the lock"
            : string.Format(
                CultureInfo.InvariantCulture,
                "a run of the plan '{0}' holds it: process {1} of {2} on {3}, since {4}",
                holder["plan"],
                holder["processId"],
                holder["user"],
                holder["host"],
                holder["since"]?.ToString(Formatting.None).Trim('"')
            );

    // A run of his, or a lock that he holds to be in the way: what the file says is his word.
    private static BackupException HeldByUser(IFileSystem files, string path, FileEntry there)
    {
        var user = "the user " + there.Owner.ToString(CultureInfo.InvariantCulture);
        var process = PosixLocks.HolderOf(there) is { } id
            ? ": process " + id.ToString(CultureInfo.InvariantCulture)
            : "";
        var folder = PathOf.Parent(path);
        var open = folder == null ? null : Permissions.Problem(files, folder);
        return new BackupException(
            new Failure(FailureKind.LockHeld, path, "take the lock", user + " holds it" + process)
            {
                Advice =
                    "If that is no backup of theirs, end it"
                    + (open == null ? "." : ", and keep others out of the folder: " + open.Cause + ". " + open.Advice),
            }
        );
    }

    // The file is its maker's alone, so an ordinary user cannot read who holds the lock of another. Whose it is, since
    // when, and whether anybody holds it can be told all the same.
    private static BackupException? OfAnotherUser(IFileSystem files, string path)
    {
        if (PathOf.IsWindows || files.Find(path) is not { Kind: EntryKind.File } there)
            return null;
        var user = there.Owner == 0 ? "root" : "the user " + there.Owner.ToString(CultureInfo.InvariantCulture);
        var since = there.Modified.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        if (PosixLocks.HolderOf(there) is { } process)
            return new BackupException(
                FailureKind.LockHeld,
                path,
                "take the lock",
                string.Format(
                    CultureInfo.InvariantCulture,
                    "a run of {0} holds it: process {1}, since {2}",
                    user,
                    process,
                    since
                )
            );
        return new BackupException(
            new Failure(
                FailureKind.AccessDenied,
                path,
                "take the lock",
                "a run of " + user + " left it at " + since + ", and this user may not open it"
            )
            {
                Advice =
                    "Run as " + user + " or root: the sets there are theirs as well. Or choose a target of your own.",
            }
        );
    }

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
