using System.IO;

namespace HyperVBackup.Bench.Works;

/// <summary>
/// A target with two complete sets of the full disk: a backup goes to the older of the two, so both must be as old as
/// the last change for a backup to find
/// that change and no other.
/// </summary>
internal sealed class DiskSets
{
    /// <summary>The folder of the target among the copies.</summary>
    public const string Name = "sets";

    /// <summary>The set that is verified and restored.</summary>
    public const string Set = "SetA";

    private readonly Stage _stage;

    /// <summary>Makes the two sets.</summary>
    public DiskSets(Stage stage)
    {
        _stage = stage;
        Target = stage.Space.Fresh(Name);
        var source = stage.FullDisk.Folder;
        for (var i = 0; i < 2; i++)
            stage.Hv.Backup(source, Target);
    }

    /// <summary>The target.</summary>
    public string Target { get; }

    /// <summary>The folder of the disk in the set.</summary>
    public string Folder => FolderOf(Set);

    /// <summary>The disk in the set.</summary>
    public string Disk => DiskOf(Set);

    /// <summary>Requires both sets to hold the disk as it is.</summary>
    public void RequireCurrent()
    {
        foreach (var set in new[] { "SetA", "SetB" })
            _stage.RequireSame(_stage.FullDisk.Disk, DiskOf(set));
    }

    private string FolderOf(string set) =>
        Path.Combine(HvBackup.SetFolder(Target, set), Path.GetFileName(_stage.FullDisk.Folder));

    private string DiskOf(string set) => Path.Combine(FolderOf(set), Path.GetFileName(_stage.FullDisk.Disk));
}
