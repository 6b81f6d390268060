using System;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Host;

/// <summary>Where this host keeps what outlives a run: the journal, the lock, logs.</summary>
public sealed class StateFolder
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string Variable = "HVBACKUP_STATE";

    /// <summary>A state folder at a path.</summary>
    public StateFolder(string path) => Path = PathOf.Full(path);

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>The lock of the run under way.</summary>
    public string Lock => PathOf.Join(Path, "run.lock");

    /// <summary>The journal of shadow sets.</summary>
    public string Shadows => PathOf.Join(Path, "shadows");

    /// <summary>The logs of runs.</summary>
    public string Logs => PathOf.Join(Path, "logs");

    /// <summary>The log of the run that ended last.</summary>
    public string LastLog => PathOf.Join(Logs, "last.log");

    /// <summary>The results of runs, one file each.</summary>
    public string Runs => PathOf.Join(Path, "runs");

    /// <summary>
    /// This host's: <c>HVBACKUP_STATE</c>, else <c>%ProgramData%\HyperVBackup</c>, elsewhere
    /// <c>$XDG_STATE_HOME/hvbackup</c> or <c>~/.local/state/hvbackup</c>.
    /// </summary>
    public static StateFolder OfThisHost()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return new StateFolder(Decodable(named));
        if (PathOf.IsWindows)
            return new StateFolder(
                PathOf.Join(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "HyperVBackup")
            );
        if (Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state)
            return new StateFolder(PathOf.Join(state, "hvbackup"));
        var home = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } set ? set : "/root";
        return new StateFolder(PathOf.Join(home, ".local/state/hvbackup"));
    }

    /// <summary>
    /// The same folder by the path that has no links in it: they are followed once, here, and never after.
    /// </summary>
    internal StateFolder BehindLinks(IFileSystem files)
    {
        try
        {
            return new StateFolder(files.Resolve(Path));
        }
        catch (BackupException)
        {
            return this; // Using it says what is wrong with it.
        }
    }

    // .NET puts this in place of bytes that are no UTF-8: the folder would be another one than was meant, with no
    // journal and no lock in it.
    private static string Decodable(string named) =>
        named.IndexOf('\uFFFD') < 0
            ? named
            : throw new BackupException(
                FailureKind.BadPlan,
                Variable,
                "use the folder '" + named + "'",
                "its name is no valid UTF-8; name a folder whose name is"
            );

    /// <summary>Makes it, for administrators only.</summary>
    internal void Create(IFileSystem files) => Trees.Create(files, Path, true);
}
