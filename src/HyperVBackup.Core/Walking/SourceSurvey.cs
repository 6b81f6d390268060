using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;

namespace HyperVBackup.Walking;

/// <summary>
/// Counts the bytes that a run will go through, on a thread beside it, so that a bar can be drawn. Nothing else depends
/// on it; disposing ends it.
/// </summary>
internal sealed class SourceSurvey : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    /// <summary>Starts counting everything the filters take.</summary>
    public SourceSurvey(
        IReadOnlyList<(IFileSystem Files, string Source, GlobFilter Filter)> sources,
        MirrorProgress progress
    )
    {
        _thread = new Thread(() =>
        {
            foreach (var (files, source, filter) in sources)
                Count(files, source, filter, progress, _stop.Token);
        })
        {
            IsBackground = true,
            Name = "Survey",
        };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private static void Count(
        IFileSystem files,
        string source,
        GlobFilter filter,
        MirrorProgress progress,
        CancellationToken cancel
    )
    {
        try
        {
            new March(new FolderTree(files, source), new WalkRules(filter).RoleOf, cancel)
            {
                OnEntry = step =>
                {
                    if (step.Role == EntryRole.File)
                        progress.AddTotal(step.Entry.Size);
                },
            }.Run();
        }
        catch (BackupException)
        {
            // The run itself meets whatever is wrong, and says so.
        }
        catch (OperationCanceledException)
        {
            // Nobody needs the rest.
        }
    }
}
