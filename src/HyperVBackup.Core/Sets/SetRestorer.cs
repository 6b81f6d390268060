using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
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
    private readonly FailureLog _log = new();
    private readonly RestoreFolders _folders;
    private readonly PlaceWatch _setPlace;
    private readonly List<string> _tops = new();
    private readonly int _workers;
    private long _restored;
    private long _present;
    private long _bytes;
    private PlaceWatch? _place;
    private bool _damaged;

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
        _setPlace = new PlaceWatch(
            files,
            PathOf.Parent(request.Set.Path) ?? request.Set.Path,
            SetLayout.StateFileOf(request.Set.Path)
        );
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
        if (SetLayout.SetAround(_files, _destination) is { } around)
            throw new BackupException(
                FailureKind.BadPlan,
                _destination,
                "restore to it",
                "it lies inside the set" + (PathOf.Comparer.Equals(around, set.Path) ? "" : " " + around)
            );
        Trees.Create(_files, _destination, false);
        _folders.Require(_destination);
        _place = new PlaceWatch(_files, _destination, null);
        RestoreSpace.Require(
            _files,
            _request,
            _destination,
            jobs,
            _filter,
            relative => TemporaryOf(PathOf.Join(_destination, relative), relative),
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

        if (!matched && _request.Paths.Count > 0 && _log.FailureCount == 0)
            throw NothingMatches(set, jobs);
        _progress.Profile.Flush(() => _files.TryFlushVolume(_destination));
        if (_damaged || _log.FailureCount > 0)
            BlameARunThatWroteMeanwhile();
        return new RestoreReport
        {
            Target = set.Target,
            Set = set.Set,
            RunId = set.RunId,
            Completed = set.Completed,
            Machines = _request.Machines.Count == 0 ? Array.Empty<string>() : jobs.Select(job => job.Machine).ToArray(),
            Destination = _destination,
            FilesRestored = _restored,
            FilesPresent = _present,
            Bytes = _bytes,
            Failures = _log.Failures,
            FailureCount = _log.FailureCount,
            Warnings = warnings.Concat(_log.Warnings).ToArray(),
            Profile = _progress.Profile.Times,
            ExitCode =
                _damaged ? ExitCodes.Damage
                : _log.FailureCount > 0 ? ExitCodes.Failed
                : ExitCodes.Complete,
        };
    }

    // What was read of a set that a run has begun to write is neither right nor damaged.
    private void BlameARunThatWroteMeanwhile()
    {
        try
        {
            SetCatalogue.RequireUntouched(_files, _request.Set, "restore it");
        }
        catch (BackupException e)
        {
            _log.Add(e.Failure);
            _damaged = false;
        }
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
                Guard(() => RestoreEntry(job.Folder, from, record, reader, pump, batch));
            }
        }
        catch (BackupException e) when (!Ends(e.Failure))
        {
            Note(e.Failure);
        }

        Leave("", batch);
        batch.Run();
        return matched;
    }

    private void Leave(string next, RestoreBatch batch) =>
        _folders.Leave(next, action => batch.Then(() => Guard(action)));

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
            RestoreLink(path, record.Entry);
        else
            RestoreFile(new FileToRestore(PathOf.Join(from, record.Path), path, relative, record, reader), pump, batch);
        _progress.AddFile();
    }

    private void RestoreLink(string path, FileEntry link)
    {
        var there = _files.Find(path);
        if (there is { Kind: EntryKind.Link } && there.LinkTarget == link.LinkTarget)
        {
            _files.SetMetadata(path, link);
            _present++;
            return;
        }

        if (there != null)
        {
            if (!_request.Force || there.Kind == EntryKind.Folder)
                throw RestoreFolders.Exists(path, there);
            _files.DeleteFile(path);
        }

        _files.CreateLink(path, link);
        _files.SetMetadata(path, link);
        _restored++;
    }

    private void RestoreFile(FileToRestore file, ChunkPump pump, RestoreBatch batch)
    {
        if (RestoreBatch.Takes(file.Record))
        {
            batch.Add(
                file.Record.Entry.Size,
                read => Guard(file, () => Copy(file, false, batch.FlushesEachFile, read)),
                () => Guard(file, () => Publish(file))
            );
            return;
        }

        Guard(
            file,
            () =>
            {
                Copy(
                    file,
                    true,
                    true,
                    (opened, path, length, handler) => pump.Run(opened, path, length, 1, handler, _cancel)
                );
                Publish(file);
            }
        );
    }

    // All but the name.
    private void Copy(FileToRestore file, bool direct, bool flush, ReadThrough read)
    {
        var entry = file.Record.Entry;
        file.There = _files.Find(file.Path);
        if (file.There is { } there)
        {
            var isRight = there.Kind == EntryKind.File && there.Size == entry.Size && HasContent(file, direct, read);
            if (isRight && !HoleFilling.IsMarked(_files, file.Path, entry.Name))
            {
                _files.SetMetadata(file.Path, entry);
                Interlocked.Increment(ref _present);
                _progress.AddDone(entry.Size);
                return;
            }

            // What is right but for its holes is written anew, and loses nothing by it.
            if ((!_request.Force && !isRight) || there.Kind is EntryKind.Folder or EntryKind.Other)
                throw RestoreFolders.Exists(file.Path, there);
        }

        if (_files.Find(file.From) is not { Kind: EntryKind.File } source)
            throw Damaged(FailureKind.FileMissing, file.From, "the set's manifest has it, the set has not");
        if (source.Size != entry.Size)
            throw Damaged(FailureKind.FileDiffers, file.From, "it has " + source.Size + " bytes and had " + entry.Size);
        var temporary = TemporaryOf(file.Path, file.Relative);
        Copy(file, temporary, direct, flush, read);
        // Closing the second handle of unbuffered writes may move the time once more, so then it comes last.
        if (direct)
            _files.SetMetadata(temporary, entry);
        file.Temporary = temporary;
    }

    private void Publish(FileToRestore file)
    {
        if (file.Temporary == null)
            return;
        if (file.There != null)
            Trees.MakeWritable(_files, file.Path, file.There);
        _files.Rename(file.Temporary, file.Path);
        _restored++;
        _bytes += file.Record.Entry.Size;
    }

    // The name says which file of which run it will be, so that a later restore of the same finds and continues it.
    private string TemporaryOf(string path, string relative)
    {
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(
            Encoding.UTF8.GetBytes(
                _request.Set.RunId.ToString("N") + "/" + BitConverter.ToString(NameCodec.Encode(relative))
            )
        );
        return PathOf.Join(
            PathOf.Parent(path)!,
            TemporaryNames.Prefix + "restore-" + BitConverter.ToString(hash, 0, 8).Replace("-", "").ToLowerInvariant()
        );
    }

    private void Copy(FileToRestore file, string temporary, bool direct, bool flush, ReadThrough read)
    {
        var entry = file.Record.Entry;
        using var source = _files.OpenRead(file.From, direct);
        var begun = _files.Find(temporary);
        if (begun is { Kind: not EntryKind.File } or { LinkCount: > 1 })
            throw new BackupException(
                FailureKind.DestinationExists,
                temporary,
                "continue the restore",
                "something that we did not put there stands in the way"
            );
        // It may have its metadata already, and be read-only.
        if (begun != null)
            Trees.MakeWritable(_files, temporary, begun);
        using var copy = begun == null ? _files.Create(temporary, direct) : _files.OpenUpdate(temporary, direct);
        var filling = HoleFilling.SetLength(copy, entry.Name, begun?.Size ?? 0, entry.Size);
        var handler = new RestoreCopy(file.From, copy, begun != null, file.Blocks(), _progress, filling);
        read(source, file.From, entry.Size, handler);
        if (handler.Damages.Count > 0)
        {
            copy.Dispose();
            SmallFiles.TryDelete(_files, temporary);
            _damaged = true;
            throw new BackupException(FailureKind.BlockDamaged, file.From, "restore it", handler.Describe());
        }

        if (filling.Warning(copy, file.Path) is { } warning)
            _log.Warn(warning);
        if (!direct)
            copy.SetMetadata(entry);
        // A restore that can be continued takes a file with its name for a whole one.
        if (flush)
            _progress.Profile.Flush(copy.Flush);
    }

    private bool HasContent(FileToRestore file, bool direct, ReadThrough read)
    {
        var handler = new RestoreCopy(file.Path, null, false, file.Blocks(), null);
        using var opened = _files.OpenRead(file.Path, direct);
        read(opened, file.Path, file.Record.Entry.Size, handler);
        return handler.Damages.Count == 0;
    }

    private void Guard(Action restore)
    {
        try
        {
            restore();
        }
        catch (BackupException e) when (!Ends(e.Failure))
        {
            Note(e.Failure);
        }
    }

    // People know the file, not the name it has while it is written.
    private void Guard(FileToRestore file, Action restore)
    {
        try
        {
            restore();
        }
        catch (BackupException e)
        {
            var isTemporary =
                e.Failure.Target == TemporaryOf(file.Path, file.Relative)
                && e.Failure.Kind != FailureKind.DestinationExists;
            var failure = isTemporary ? e.Failure with { Target = file.Path } : e.Failure;
            if (Ends(failure))
                throw new BackupException(failure, e);
            var isLost = IsOfSet(failure) && Blame.IsOnTheSet(failure.Kind);
            Note(failure);
            if (isLost && _request.Salvage)
                Guard(() => SalvageOf(file));
        }
    }

    private void SalvageOf(FileToRestore file)
    {
        if (_files.Find(file.From) is not { Kind: EntryKind.File })
            return;
        _log.Warn(
            file.Path
                + Salvage.Run(_files, file.From, file.Path, file.Record.Entry, file.Blocks(), _request.Force, _cancel)
                + "."
        );
    }

    private void Note(Failure failure)
    {
        var ofSet = IsOfSet(failure);
        if ((ofSet ? _setPlace : _place)?.WhyGone(failure, ofSet ? "restore from it" : "restore to it") is { } gone)
            throw new BackupException(gone);
        if (ofSet && Blame.IsOnTheSet(failure.Kind))
            _damaged = true;
        _log.Add(failure);
    }

    private bool IsOfSet(Failure failure) => PathOf.TryRelative(_request.Set.Path, failure.Target, out _);

    // Nothing more can be restored to a volume that is full, read-only or cannot be flushed, and none from or to one
    // that is gone.
    private bool Ends(Failure failure) =>
        failure.Kind == FailureKind.VolumeGone
        || (
            failure.Kind is FailureKind.DiskFull or FailureKind.ReadOnlyVolume
            && !IsOfSet(failure)
            && PathOf.TryRelative(_destination, failure.Target, out _)
        )
        || (failure.Kind == FailureKind.IoError && failure.Target == _destination);

    private BackupException Damaged(FailureKind kind, string path, string why)
    {
        _damaged = true;
        return new BackupException(kind, path, "restore it", why);
    }
}
