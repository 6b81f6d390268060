using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Machines;

namespace HyperVBackup.Sets.Registering;

/// <summary>
/// Where a restore puts what lay somewhere on the host: configurations go on naming the places their disks had when
/// they were copied.
/// </summary>
internal sealed class RestoredPlaces
{
    private readonly IFileSystem _files;
    private readonly string _destination;
    private readonly IReadOnlyList<SetJob> _jobs;

    /// <summary>The places of some folders of a set.</summary>
    public RestoredPlaces(IFileSystem files, string destination, IReadOnlyList<SetJob> jobs)
    {
        _files = files;
        _destination = destination;
        _jobs = jobs;
    }

    /// <summary>The restored file of a live one; null when it is not there: not part of what was restored.</summary>
    public string? Of(string livePath) =>
        _jobs
            .Select(job => RelativeIn(job, livePath))
            .OfType<string>()
            .Select(relative => PathOf.Join(_destination, relative))
            .FirstOrDefault(path => _files.Find(path) is { Kind: EntryKind.File });

    private static string? RelativeIn(SetJob job, string livePath)
    {
        if (job.MachineId.Length > 0)
            return job.Folder + "/" + LivePlace.RelativeOf(livePath);
        return PathOf.TryRelative(job.Source, livePath, out var relative) && relative.Length > 0
            ? job.Folder + "/" + relative
            : null;
    }
}
