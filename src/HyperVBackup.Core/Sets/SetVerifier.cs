using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Walking;

namespace HyperVBackup.Sets;

/// <summary>
/// Checks a set against its manifests: what is missing, what is there too much, what is not as it was, and every block
/// against its hash.
/// </summary>
public sealed class SetVerifier
{
    private readonly string _setFolder;
    private readonly SetState _state;
    private readonly bool _readsContent;
    private readonly MirrorProgress _progress;
    private readonly VerifyFindings _findings;
    private readonly ContentCheck _content;
    private readonly FolderCheck _folders;
    private readonly WholeSetCheck _whole;
    private readonly int _workers;

    private SetVerifier(
        IFileSystem files,
        string setFolder,
        SetState state,
        bool readsContent,
        MirrorProgress progress,
        CancellationToken cancel,
        int workers
    )
    {
        _workers = workers > 0 ? workers : MirrorEngine.DefaultWorkers;
        _setFolder = setFolder;
        _state = state;
        _readsContent = readsContent;
        _progress = progress;
        _findings = new VerifyFindings(
            new PlaceWatch(files, PathOf.Parent(setFolder) ?? setFolder, SetLayout.StateFileOf(setFolder)),
            "verify the set " + state.Set
        );
        _content = new ContentCheck(files, _findings, progress, cancel);
        _folders = new FolderCheck(files, setFolder, state, _content, readsContent, _findings, progress, cancel);
        _whole = new WholeSetCheck(files, setFolder, state, _findings, cancel);
    }

    /// <summary>Verifies a set.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="set">A complete set.</param>
    /// <param name="quick">Everything but reading the content.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Stops it.</param>
    public static VerifyReport Verify(
        IFileSystem files,
        SetInfo set,
        bool quick,
        MirrorProgress progress,
        CancellationToken cancel
    ) => Verify(files, set, quick, progress, cancel, 0);

    /// <summary>Verifies a set with a number of threads; 0: as many as this machine is good for.</summary>
    internal static VerifyReport Verify(
        IFileSystem files,
        SetInfo set,
        bool quick,
        MirrorProgress progress,
        CancellationToken cancel,
        int workers
    )
    {
        var report = new SetVerifier(
            files,
            set.Path,
            set.Content ?? throw new BackupException(set.Problem!),
            !quick,
            progress,
            cancel,
            workers
        ).Run();
        if (!report.IsGood && !report.VolumeIsGone)
            SetCatalogue.RequireUntouched(files, set, "verify it");
        if (DamageMark.Set(files, set.Path, report) is { } failure)
            report = report with
            {
                Notes = report
                    .Notes.Append(
                        "The next run will not know of it, and may write over a good set instead of this one: "
                            + failure.Message
                    )
                    .ToArray(),
            };
        return report with { Target = set.Target };
    }

    /// <summary>Verifies what a run has just written and not committed yet.</summary>
    internal static VerifyReport VerifyWritten(
        IFileSystem files,
        string setFolder,
        SetState state,
        MirrorProgress progress,
        CancellationToken cancel
    ) => new SetVerifier(files, setFolder, state, true, progress, cancel, 0).Run();

    private VerifyReport Run()
    {
        _progress.AddTotal(SetStateLimits.Sum(_state.Jobs.Select(job => job.Bytes)));
        try
        {
            using (var crew = new WorkerCrew(_workers, "Verify"))
            using (var pump = new ChunkPump(crew, new RateLimiter(0), _progress.Profile))
            {
                foreach (var job in _state.Jobs)
                    _folders.Check(job, crew, pump);
            }

            _whole.CheckDisks(_folders.Disks);
            _whole.CheckTop();
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.VolumeGone)
        {
            _findings.End(e.Failure);
        }

        if (_state.State == SetCondition.Partial)
            _whole.NoteMissing();
        return new VerifyReport
        {
            Target = PathOf.Parent(_setFolder) ?? "",
            Set = _state.Set,
            Path = _setFolder,
            RunId = _state.RunId,
            Completed = _state.Completed,
            ContentRead = _readsContent,
            Files = _folders.FileCount,
            BytesRead = _content.BytesRead,
            Damages = _findings.Damages.ToList(),
            DamageCount = _findings.Damages.Count,
            Unverified = _findings.Unverified,
            UnverifiedCount = _findings.UnverifiedCount,
            VolumeIsGone = _findings.VolumeIsGone,
            Notes = _findings.Notes,
            Profile = _progress.Profile.Times,
        };
    }
}
