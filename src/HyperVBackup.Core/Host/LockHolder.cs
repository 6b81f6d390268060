using System;
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
/// Who holds a lock: what the holder writes into its file, and what others can say of it, be it by what it says or by
/// whose file it is.
/// </summary>
internal static class LockHolder
{
    /// <summary>Writes into the lock file who holds it.</summary>
    /// <returns>The token by which the holder knows the file again.</returns>
    public static string Sign(FileStream stream, string plan, DateTime now)
    {
        var token = Guid.NewGuid().ToString("N");
        var holder = new JObject
        {
            ["host"] = Environment.MachineName,
            ["user"] = Environment.UserName,
            ["processId"] = JournalOwner.Current.ProcessId,
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

    /// <summary>What a lock file says; null when it cannot be read or says nothing that makes sense.</summary>
    public static JObject? Read(IFileSystem files, string path)
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

    /// <summary>The failure that somebody else holds a lock.</summary>
    public static BackupException Held(IFileSystem files, string path)
    {
        if (PosixUser.IsRoot && files.Find(path) is { Kind: EntryKind.File, Owner: not 0 } there)
            return HeldByUser(files, path, there);
        return new BackupException(FailureKind.LockHeld, path, "take the lock", Words(Read(files, path)));
    }

    /// <summary>Who that is, in words.</summary>
    /// <param name="holder">What the lock file says; null: nobody knows.</param>
    public static string Words(JObject? holder) =>
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

    /// <summary>
    /// The failure that a lock file of another user cannot be opened; null when there is none. It is its maker's alone,
    /// so an ordinary user cannot read who holds the lock of another. Whose it is, since when, and whether anybody
    /// holds it can be told all the same.
    /// </summary>
    public static BackupException? OfAnotherUser(IFileSystem files, string path)
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
}
