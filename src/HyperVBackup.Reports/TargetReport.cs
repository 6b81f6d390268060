using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Sets;

namespace HyperVBackup.Reports;

/// <summary>What is on a target now. Plain data.</summary>
public sealed record TargetReport
{
    /// <summary>The target as it was named, without links.</summary>
    public required string Target { get; init; }

    /// <summary>Its sets, the newest first.</summary>
    public IReadOnlyList<SetInfo> Sets { get; init; } = Array.Empty<SetInfo>();

    /// <summary>Bytes that can still be written to it; null when they could not be asked for.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>Why it could not be looked at; null when it could.</summary>
    public Failure? Problem { get; init; }

    /// <summary>The newest complete set; null when there is none.</summary>
    public SetInfo? Newest => SetCatalogue.Newest(Sets);

    /// <summary>Looks. The folder of a set stands for the target it lies on.</summary>
    public static TargetReport Of(IFileSystem files, string path)
    {
        var target = path;
        try
        {
            target = files.Resolve(NamedPlace.Of(files, path).Target);
            return new TargetReport
            {
                Target = target,
                Sets = SetCatalogue.List(files, target),
                FreeBytes = Free(files, target),
            };
        }
        catch (BackupException e)
        {
            return new TargetReport { Target = target, Problem = e.Failure };
        }
    }

    private static long? Free(IFileSystem files, string target)
    {
        try
        {
            return files.GetVolume(target) is { KnowsRoom: true } volume ? volume.FreeBytes : null;
        }
        catch (BackupException)
        {
            return null; // Nice to know, no more.
        }
    }
}
