using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets.Registering;

/// <summary>
/// The restored disks of a machine in one folder while the host copies them: it looks for each by its name in a single
/// folder, and takes what lies at the live place for one that is not
/// there. Disks of several folders are moved together, and back in the end.
/// </summary>
internal sealed class DiskGathering : IDisposable
{
    private const string FolderName = "Disks to import";
    private readonly IFileSystem _files;
    private readonly List<(string From, string To)> _moved = new();
    private readonly bool _isOurs;

    /// <summary>Gathers.</summary>
    /// <exception cref="BackupException">They cannot be brought together.</exception>
    public DiskGathering(IFileSystem files, RestoredMachine machine)
    {
        _files = files;
        var folders = machine.Disks.Select(disk => PathOf.Parent(disk)!).Distinct(PathOf.Comparer).ToList();
        Folder = folders.FirstOrDefault() ?? "";
        if (folders.Count < 2)
            return;
        if (machine.Jobs.Any(job => job.MachineId.Length == 0))
            throw Apart(machine, "in copied folders it cannot be told which are its own");
        var twice = machine
            .Disks.GroupBy(PathOf.Leaf, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1);
        if (twice != null)
            throw Apart(machine, string.Join(" and ", twice) + " have one name");
        Folder = PathOf.Join(PathOf.Parent(machine.Configuration)!, FolderName);
        _isOurs = _files.Find(Folder) == null;
        if (_isOurs)
            _files.CreateFolder(Folder, true);
        try
        {
            foreach (var disk in machine.Disks)
                Move(disk, PathOf.Join(Folder, PathOf.Leaf(disk)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where they are; empty when there are none.</summary>
    public string Folder { get; }

    /// <summary>Puts them back.</summary>
    public void Dispose()
    {
        foreach (var (from, to) in Enumerable.Reverse(_moved).ToList())
            if (_files.Find(to) != null && _files.Find(from) == null)
                _files.Rename(to, from);
        _moved.Clear();
        if (_isOurs && _files.List(Folder).Count == 0)
            _files.DeleteFolder(Folder);
    }

    private void Move(string from, string to)
    {
        if (_files.Find(to) != null)
            throw new BackupException(
                FailureKind.DestinationExists,
                to,
                "bring the disks together",
                "a file is there already"
            );
        _files.Rename(from, to);
        _moved.Add((from, to));
    }

    private static BackupException Apart(RestoredMachine machine, string why) =>
        new(
            new Failure(
                FailureKind.VirtualMachine,
                machine.Name,
                "have the host copy it",
                "its disks lie in several folders, and " + why
            )
            {
                Advice =
                    "Register it in place, without -Copy and -GenerateNewId; about_HyperVBackup_Restore shows how "
                    + "to import it by hand.",
            }
        );
}
