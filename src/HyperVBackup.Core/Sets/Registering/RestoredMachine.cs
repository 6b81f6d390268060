using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets.Registering;

/// <summary>
/// A virtual machine among what a restore brings back: its configuration, and the virtual disks that may be its own.
/// </summary>
public sealed record RestoredMachine
{
    // A checkpoint has a configuration of its own, in a folder of this name beside the machine's. It is imported with
    // the machine's.
    private const string Checkpoints = "Snapshots";

    /// <summary>Its name as the set knows it; for one found in a copied folder, its id.</summary>
    public required string Name { get; init; }

    /// <summary>Its id: the name of its configuration.</summary>
    public required Guid Id { get; init; }

    /// <summary>Where its configuration is restored to.</summary>
    public required string Configuration { get; init; }

    /// <summary>Where the virtual disks are restored to that lie in the same folders of the set.</summary>
    internal IReadOnlyList<string> Disks { get; init; } = Array.Empty<string>();

    /// <summary>The folders of the set that its disks may be in.</summary>
    internal IReadOnlyList<SetJob> Jobs { get; init; } = Array.Empty<SetJob>();

    /// <summary>
    /// The virtual machines that a restore will bring back, from the set's manifests: nothing need be restored yet.
    /// </summary>
    /// <exception cref="BackupException">There is none, one has no configuration or several, or a manifest is
    /// damaged.</exception>
    public static IReadOnlyList<RestoredMachine> Of(IFileSystem files, RestoreRequest request)
    {
        var chosen = MachineChoice.Of(request.Set, request.Machines);
        var contents = chosen.Select(job => (Job: job, Paths: Restored(files, request, job))).ToList();
        var machines = contents
            .Where(content => content.Job.MachineId.Length > 0)
            .Select(content => OfMachine(request, content.Job, content.Paths))
            .ToList();
        // In copied folders configurations lie with others, and disks apart from them.
        var folders = contents.Where(content => content.Job.MachineId.Length == 0).ToList();
        var configurations = folders
            .SelectMany(content => content.Paths)
            .Where(path => IdOf(path) != null)
            .GroupBy(path => IdOf(path)!.Value);
        machines.AddRange(
            configurations.Select(group =>
                Made(
                    request,
                    group.Key.ToString("D"),
                    group.Key,
                    group.ToList(),
                    folders.SelectMany(content => content.Paths),
                    folders.Select(content => content.Job).ToList()
                )
            )
        );
        if (machines.Count > 0)
            return machines;
        throw new BackupException(
            new Failure(
                FailureKind.VirtualMachine,
                request.Set.Path,
                "register virtual machines of it",
                "among what is restored there is no configuration of one (a file named by the machine's id, .vmcx "
                    + "or .xml)"
            )
            {
                Advice =
                    "Restore the folder that holds the configurations as well; Get-HvBackup shows in its list view "
                    + "where each folder of the set comes from.",
            }
        );
    }

    private static RestoredMachine OfMachine(RestoreRequest request, SetJob job, IReadOnlyList<string> paths)
    {
        var id = Guid.TryParse(job.MachineId, out var known) ? known : Guid.Empty;
        var configurations = paths.Where(path => IdOf(path) == id).ToList();
        if (configurations.Count > 0)
            return Made(request, job.Machine, id, configurations, paths, new[] { job });
        throw new BackupException(
            FailureKind.VirtualMachine,
            job.Machine,
            "register it",
            "its configuration " + id.ToString("D") + ".vmcx is not among what is restored"
        );
    }

    private static RestoredMachine Made(
        RestoreRequest request,
        string name,
        Guid id,
        List<string> configurations,
        IEnumerable<string> paths,
        IReadOnlyList<SetJob> jobs
    )
    {
        // A machine that was brought over from an older host may have left its old configuration behind.
        var newest = configurations.Where(path => path.EndsWith(".vmcx", StringComparison.OrdinalIgnoreCase)).ToList();
        if (newest.Count == 0)
            newest = configurations;
        if (newest.Count > 1)
            throw new BackupException(
                new Failure(
                    FailureKind.VirtualMachine,
                    name,
                    "register it",
                    "it has several configurations: " + string.Join(", ", newest)
                )
                {
                    Advice = "Restore only one of them, with -Include.",
                }
            );
        string Place(string path) => PathOf.Join(PathOf.Full(request.Destination), path);
        return new RestoredMachine
        {
            Name = name,
            Id = id,
            Configuration = Place(newest[0]),
            Disks = paths.Where(DiskChecker.IsDiskName).Select(Place).ToList(),
            Jobs = jobs,
        };
    }

    private static List<string> Restored(IFileSystem files, RestoreRequest request, SetJob job)
    {
        using var reader = SetManifest.Open(files, request.Set.Path, request.Set.Content!, job, default);
        var filter = new RestoreFilter(request.Paths);
        return reader
            .All()
            .Where(record => record.Entry.Kind == EntryKind.File && filter.Takes(job.Folder, record.Path))
            .Select(record => job.Folder + "/" + record.Path)
            .ToList();
    }

    private static Guid? IdOf(string path)
    {
        var parts = path.Split('/');
        var name = parts[parts.Length - 1];
        var dot = name.LastIndexOf('.');
        if (
            dot < 0
            || !(
                name.EndsWith(".vmcx", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)
            )
        )
            return null;
        if (parts.Length > 1 && string.Equals(parts[parts.Length - 2], Checkpoints, StringComparison.OrdinalIgnoreCase))
            return null;
        return Guid.TryParseExact(name.Substring(0, dot), "D", out var id) ? id : null;
    }
}
