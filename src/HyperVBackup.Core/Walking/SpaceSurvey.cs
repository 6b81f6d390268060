using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// How much room a mirror would take that its copies do not have yet, counted from sizes and not from contents: the
/// worst case, in which every file turns out to be new all over.
/// What would be deleted is not set off against it, because deletions come after the copies.
/// </summary>
internal sealed class SpaceSurvey
{
    private const int MostProblems = 20;

    // What these file systems do not count as allocated are holes, which the copies have as well. Others compress, so
    // that there it says nothing.
    private static readonly string[] CountHoles = { "ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "overlay" };
    private readonly IFileSystem _files;
    private readonly GlobFilter _filter;
    private readonly Func<string, long, long> _besides;
    private readonly CancellationToken _cancel;
    private readonly bool[] _keepsHoles;
    private readonly bool[] _fillsHoles;
    private readonly long[] _needed;
    private readonly List<Failure> _problems = new();

    private SpaceSurvey(
        IFileSystem files,
        GlobFilter filter,
        Func<string, long, long> besides,
        bool[] keepsHoles,
        bool[] fillsHoles,
        CancellationToken cancel
    )
    {
        _files = files;
        _filter = filter;
        _besides = besides;
        _keepsHoles = keepsHoles;
        _fillsHoles = fillsHoles;
        _needed = new long[keepsHoles.Length];
        _cancel = cancel;
    }

    /// <summary>Files that would be copied.</summary>
    public long Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// Bytes that each copy lacks, those of its new manifest included, in the order the copies were named.
    /// </summary>
    public IReadOnlyList<long> Needed => _needed;

    /// <summary>Volumes that are mounted in folders and would be kept as links: where, and what is there.</summary>
    public List<(string Path, FileEntry Entry)> Mounted { get; } = new();

    /// <summary>What of it has access lists, the source's own folder among it.</summary>
    public AccessListNotice AccessLists { get; } = new();

    /// <summary>Folders that could not be read; the first ones.</summary>
    public IReadOnlyList<Failure> Problems => _problems;

    /// <summary>Counts.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="source">The folder that would be copied.</param>
    /// <param name="filter">Which of its files.</param>
    /// <param name="onDisk">A real folder of the source, to ask for its volume.</param>
    /// <param name="copies">Where its copies would be, which need not be there (null: nothing is known of it), and the
    /// targets they lie on.</param>
    /// <param name="besides">Bytes that a copy of a file takes besides it, in a manifest: of its path and size.</param>
    /// <param name="cancel">Stops it.</param>
    public static SpaceSurvey Of(
        IFileSystem files,
        string source,
        GlobFilter filter,
        string onDisk,
        IReadOnlyList<(string? Copy, string Target)> copies,
        Func<string, long, long> besides,
        CancellationToken cancel
    )
    {
        var fromHoles = HasHoles(files, onDisk);
        var survey = new SpaceSurvey(
            files,
            filter,
            besides,
            copies.Select(copy => fromHoles && HasHoles(files, copy.Target)).ToArray(),
            copies.Select(copy => VolumeOf(files, copy.Target)?.MarksSparse == true).ToArray(),
            cancel
        );
        survey.LookAt(source);
        survey.Walk(new FolderTree(files, source), copies.Select(copy => survey.TreeOf(copy.Copy)).ToArray());
        return survey;
    }

    private static bool HasHoles(IFileSystem files, string path) =>
        VolumeOf(files, path) is { } volume && CountHoles.Contains(volume.FileSystem, StringComparer.Ordinal);

    private static VolumeInfo? VolumeOf(IFileSystem files, string path)
    {
        try
        {
            return files.GetVolume(path);
        }
        catch (BackupException)
        {
            return null;
        }
    }

    private void LookAt(string source)
    {
        try
        {
            AccessLists.Look(source, _files.Find(source));
        }
        catch (BackupException)
        {
            // Listing it says so.
        }
    }

    private void Walk(IFolderTree source, IReadOnlyList<IFolderTree?> copies) =>
        new March(source, new WalkRules(_filter).RoleOf, _cancel)
        {
            Copies = copies,
            OnFolder = (step, walk) =>
            {
                AccessLists.Look(step.Relative, step.Entry);
                walk();
            },
            OnEntry = step =>
            {
                AccessLists.Look(step.Relative, step.Entry);
                if (step.Role == EntryRole.File)
                    Add(step.Relative, step.Entry, step.There);
                else if (step.Role == EntryRole.MountedVolume)
                    Mounted.Add((step.Relative, step.Entry));
            },
            GoesOnAfter = Note,
        }.Run();

    private void Add(string path, FileEntry entry, IReadOnlyList<FileEntry?> there)
    {
        Files++;
        Bytes = Sizes.Add(Bytes, entry.Size);
        for (var i = 0; i < there.Count; i++)
        {
            var wanted = _keepsHoles[i] ? Math.Min(entry.Size, entry.AllocatedBytes) : entry.Size;
            // A file that has other names too is not changed in place, but copied anew.
            var mayHaveHoles = _keepsHoles[i] || (_fillsHoles[i] && ContentKinds.IsAttached(entry.Name));
            var has = there[i] is { Kind: EntryKind.File, LinkCount: 1 } known
                ? Math.Max(known.AllocatedBytes, mayHaveHoles ? 0 : known.Size)
                : 0;
            _needed[i] = Sizes.Add(_needed[i], Sizes.Add(Math.Max(0, wanted - has), _besides(path, entry.Size)));
        }
    }

    // Null: there is no such copy yet.
    private FolderTree? TreeOf(string? copy)
    {
        try
        {
            return copy != null && _files.Find(copy) is { Kind: EntryKind.Folder }
                ? new FolderTree(_files, copy)
                : null;
        }
        catch (BackupException e)
        {
            Note(e);
            return null;
        }
    }

    private bool Note(BackupException e)
    {
        if (_problems.Count < MostProblems)
            _problems.Add(e.Failure);
        return true;
    }
}
