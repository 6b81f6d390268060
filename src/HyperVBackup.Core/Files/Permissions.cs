using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>What is wrong with who may change what only administrators should.</summary>
internal static class Permissions
{
    /// <summary>What is wrong with a file or folder; null when it is in order, or not there.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="operation">What cannot be done with it then.</param>
    public static Failure? Problem(IFileSystem files, string path, string operation = "vouch for what it holds")
    {
        try
        {
            if (files.Find(path) is not { } entry || files.WhoElseMayWrite(path) is not { } who)
                return null;
            return new Failure(FailureKind.InsecurePermissions, path, operation, who)
            {
                Advice = FailureCatalogue.Of(FailureKind.InsecurePermissions).Advice + " " + Remedy(path, entry),
            };
        }
        catch (BackupException e)
        {
            return e.Failure;
        }
    }

    private static string Remedy(string path, FileEntry entry)
    {
        if (!PathOf.IsWindows)
        {
            var quoted = ShellText.Quote(path);
            return OwnerlessMounts.Remedy(path) ?? "As root: chown -h root " + quoted + "; chmod go-w " + quoted;
        }

        // By their ids, because the names of these groups are translated.
        var inherit = entry.Kind == EntryKind.Folder ? "(OI)(CI)" : "";
        return "Elevated: icacls \""
            + path
            + "\" /inheritance:r /grant:r *S-1-5-32-544:"
            + inherit
            + "F *S-1-5-18:"
            + inherit
            + "F";
    }
}
