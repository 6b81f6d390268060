using System;
using System.IO;

namespace HyperVBackup.Bench;

/// <summary>The one folder that a run makes, works in and removes.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Takes the folder; what another run has left of its copies is removed.</summary>
    /// <param name="parent">Where to make it.</param>
    /// <exception cref="IOException">It cannot be made, or another run works in it.</exception>
    public Workspace(string parent)
    {
        Root = Path.Combine(Path.GetFullPath(parent), "hvbackup-bench");
        Directory.CreateDirectory(Root);
        _lock = new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        foreach (var folder in new[] { Copies, State, Outputs })
            Empty(folder);
    }

    /// <summary>The folder itself.</summary>
    public string Root { get; }

    /// <summary>What is copied; stays when it is to be kept.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>Where it is copied to.</summary>
    public string Copies => Path.Combine(Root, "copies");

    /// <summary>The state folder of hvbackup.</summary>
    public string State => Path.Combine(Root, "state");

    /// <summary>What programs print.</summary>
    public string Outputs => Path.Combine(Root, "outputs");

    /// <summary>hvbackup as it is shipped, and what it was built from.</summary>
    public string Cli => Path.Combine(Root, "cli");

    /// <summary>A folder for copies, empty.</summary>
    public string Fresh(string name)
    {
        var folder = Path.Combine(Copies, name);
        Empty(folder);
        return folder;
    }

    /// <summary>Removes a folder for copies.</summary>
    public void Remove(string name)
    {
        var folder = Path.Combine(Copies, name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, true);
    }

    /// <summary>Throws when the disk has less room than that.</summary>
    /// <exception cref="IOException">It has.</exception>
    public void Require(long bytes)
    {
        var free = new DriveInfo(Root).AvailableFreeSpace;
        if (free < bytes)
            throw new IOException(
                FormattableString.Invariant($"{Root} has {free >> 20} MiB left, and {bytes >> 20} MiB are needed")
                    + ": use --folder, or a smaller --size"
            );
    }

    /// <summary>Removes everything that was made.</summary>
    /// <param name="keepData">Except for the test data.</param>
    public void Clean(bool keepData)
    {
        foreach (var folder in new[] { Copies, State, Outputs, Cli })
            if (Directory.Exists(folder))
                Directory.Delete(folder, true);
        if (!keepData)
            Directory.Delete(Root, true);
    }

    public void Dispose() => _lock.Dispose();

    private static void Empty(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, true);
        Directory.CreateDirectory(folder);
    }
}
