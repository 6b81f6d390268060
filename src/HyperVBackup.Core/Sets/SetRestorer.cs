using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;

namespace HyperVBackup.Sets;

/// <summary>
/// Brings files back from a set. Every block is checked on the way; a file gets its name only when all of it was right;
/// a damaged file is named and the rest restored.
/// What an interrupted restore left half written is continued, and what is there already is left alone.
/// </summary>
public sealed class SetRestorer
{
    private const int MostTops = 10;
    private readonly IFileSystem _files;
    private readonly RestoreRequest _request;
    private readonly string _destination;
    private readonly RestoreFilter _filter;
    private readonly MirrorProgress _progress;
    private readonly CancellationToken _cancel;
    private readonly RestoreFolders _folders;
    private readonly RestoreFailures _failures;
    private readonly FileRestorer _content;
    private readonly List<string> _tops = new();
    private readonly int _workers;

    private SetRestorer(
        IFileSystem files,
        RestoreRequest request,
        MirrorProgress progress,
        CancellationToken cancel,
        int workers
    )
    {
        _workers = workers;
        _files = files;
        _request = request;
        _destination = files.Resolve(PathOf.Full(request.Destination));
        _filter = new RestoreFilter(request.Paths);
        _folders = new RestoreFolders(files, _destination);
        _failures = new RestoreFailures(files, request, _destination);
        _content = new FileRestorer(files, request, _failures, progress, cancel);
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Restores.</summary>
    /// <exception cref="BackupException">Nothing matches, or the destination cannot be used at all.</exception>
    public static RestoreReport Restore(
        IFileSystem files,
        RestoreRequest request,
        MirrorProgress progress,
        CancellationToken cancel
    ) => Restore(files, request, progress, cancel, MirrorEngine.DefaultWorkers);

    /// <summary>Restores with a number of threads.</summary>
    internal static RestoreReport Restore(
        IFileSystem files,
        RestoreRequest request,
        MirrorProgress progress,
        CancellationToken cancel,
        int workers
    ) => new SetRestorer(files, request, progress, cancel, workers).Run();

    private RestoreReport Run()
    {
        var set = _request.Set;
        var state = set.Content ?? throw new BackupException(set.Problem!);
        var jobs = MachineChoice.Of(set, _request.Machines);
        RestoreFolders.RequireOutsideSets(_files, set, _destination);
        Trees.Create(_files, _destination, false);
        _folders.Require(_destination);
        _failures.WatchDestination();
        RestoreSpace.Require(
            _files,
            _request,
            _destination,
            jobs,
            _filter,
            relative => _content.TemporaryOf(PathOf.Join(_destination, relative), relative),
            _cancel
        );
        var matched = false;
        var warnings = new List<string>();
        if (set.PartialWarning is { } partial)
            warnings.Add(partial);
        using (var crew = new WorkerCrew(_workers, "Restore"))
        using (var pump = new ChunkPump(crew, new RateLimiter(0), _progress.Profile))
        {
            var batch = new RestoreBatch(_files, _destination, crew, _progress, _cancel);
            foreach (var job in jobs)
            {
                if (!RestoreFolder(job, state, pump, batch))
                    continue;
                matched = true;
                if (job.KeptFrom != Guid.Empty)
                    warnings.Add(
                        job.Machine
                            + " is an older copy, of the run "
                            + job.KeptFrom.ToString("D")
                            + ": the run that wrote the set could not capture it."
                    );
            }
        }

        if (!matched && _request.Paths.Count > 0 && _failures.Log.FailureCount == 0)
            throw NothingMatches(set, jobs);
        _progress.Profile.Flush(() => _files.TryFlushVolume(_destination));
        _failures.BlameARunThatWroteMeanwhile();
        return new RestoreReport
        {
            Target = set.Target,
            Set = set.Set,
            RunId = set.RunId,
            Completed = set.Completed,
            Machines = _request.Machines.Count == 0 ? Array.Empty<string>() : jobs.Select(job => job.Machine).ToArray(),
            Destination = _destination,
            FilesRestored = _content.Restored,
            FilesPresent = _content.Present,
            Bytes = _content.Bytes,
            Failures = _failures.Log.Failures,
            FailureCount = _failures.Log.FailureCount,
            Warnings = warnings.Concat(_failures.Log.Warnings).ToArray(),
            Profile = _progress.Profile.Times,
            ExitCode =
                _failures.IsDamaged ? ExitCodes.Damage
                : _failures.Log.FailureCount > 0 ? ExitCodes.Failed
                : ExitCodes.Complete,
        };
    }

    private BackupException NothingMatches(SetInfo set, IReadOnlyList<SetJob> jobs)
    {
        var among =
            _request.Machines.Count > 0
                ? " among the files of " + string.Join(", ", jobs.Select(job => job.Machine))
                : "";
        var held =
            string.Join(", ", jobs.Select(job => job.Folder))
            + (_tops.Count > 0 ? " (" + string.Join(", ", _tops) + (_tops.Count == MostTops ? ", ..." : "") + ")" : "");
        return new BackupException(
            new Failure(
                FailureKind.FileMissing,
                set.Path,
                "restore " + string.Join(", ", _request.Paths),
                "nothing in the set matches" + among
            )
            {
                Advice =
                    "The set holds the folders "
                    + held
                    + ". Name a file, a folder for all that it holds, or a path that begins with a folder of the set.",
            }
        );
    }

    private bool RestoreFolder(SetJob job, SetState state, ChunkPump pump, RestoreBatch batch)
    {
        var from = PathOf.Join(_request.Set.Path, job.Folder);
        var matched = false;
        try
        {
            _progress.Enter(job.Folder, "");
            SetLayout.RequireReal(_files, from);
            using var reader = SetManifest.Open(_files, _request.Set.Path, state, job, _cancel);
            _folders.Enter(job.Folder, _files.Find(from), _filter.TakesAll);
            foreach (var record in reader.All())
            {
                _cancel.ThrowIfCancellationRequested();
                if (_tops.Count < MostTops && record.Path.IndexOf('/') < 0)
                    _tops.Add(job.Folder + "/" + record.Path);
                var relative = job.Folder + "/" + record.Path;
                Leave(relative, batch);
                var takes = _filter.Takes(job.Folder, record.Path);
                if (record.Entry.Kind == EntryKind.Folder)
                    _folders.Enter(relative, record.Entry, takes);
                if (!takes)
                    continue;
                matched = true;
                _failures.Guard(() => RestoreEntry(job.Folder, from, record, reader, pump, batch));
            }
        }
        catch (BackupException e) when (!_failures.Ends(e.Failure))
        {
            _failures.Note(e.Failure);
        }

        Leave("", batch);
        batch.Run();
        return matched;
    }

    private void Leave(string next, RestoreBatch batch) =>
        _folders.Leave(next, action => batch.Then(() => _failures.Guard(action)));

    private void RestoreEntry(
        string folder,
        string from,
        ManifestRecord record,
        ManifestReader reader,
        ChunkPump pump,
        RestoreBatch batch
    )
    {
        var relative = folder + "/" + record.Path;
        var path = PathOf.Join(_destination, relative);
        if (record.Entry.Kind == EntryKind.Folder)
        {
            _folders.Require(relative, batch.Run);
            return;
        }

        _folders.Require(relative.Substring(0, relative.LastIndexOf('/')), batch.Run);
        _folders.Claim(relative, batch.Run);
        _progress.Enter(folder, record.Path);
        if (record.Entry.Kind == EntryKind.Link)
            _content.RestoreLink(path, record.Entry);
        else
            _content.Restore(
                new FileToRestore(PathOf.Join(from, record.Path), path, relative, record, reader),
                pump,
                batch
            );
        _progress.AddFile();
    }
}
