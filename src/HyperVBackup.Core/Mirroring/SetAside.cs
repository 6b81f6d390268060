using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>
/// What a copy holds where its source has something of another kind by now: a folder where there is a file, a file
/// where there is a link. It has to make room at once, and must not be deleted before all deletions are known. So it
/// gets a temporary name beside, and its own one again should the deletions be refused. Where a run is cut off in
/// between, the next one finds it by that name.
/// </summary>
internal sealed class SetAside
{
    private readonly IFileSystem _files;
    private readonly List<(string Path, string Aside)> _moved = new();

    public SetAside(IFileSystem files) => _files = files;

    /// <summary>Makes room; returns where it is then, below the source.</summary>
    /// <exception cref="BackupException">It cannot be renamed.</exception>
    public string Move(TargetLane lane, string relative)
    {
        var slash = relative.LastIndexOf('/');
        var aside = relative.Substring(0, slash + 1) + TemporaryNames.Next();
        var (from, to) = (lane.PathOfEntry(relative), lane.PathOfEntry(aside));
        _files.Rename(from, to);
        _moved.Add((from, to));
        return aside;
    }

    /// <summary>Gives everything its name again, and removes what was copied to its place.</summary>
    /// <param name="log">Told of what has to stay where it is.</param>
    public void PutBack(FailureLog log)
    {
        for (var i = _moved.Count - 1; i >= 0; i--)
        {
            var (path, aside) = _moved[i];
            try
            {
                if (_files.Find(path) is { } copied)
                {
                    if (copied.Kind == EntryKind.Folder)
                        Trees.Delete(_files, path);
                    else
                        _files.DeleteFile(path);
                }

                _files.Rename(aside, path);
            }
            catch (BackupException e)
            {
                log.Add(e.Failure with { Advice = "What the copy had there is kept as " + aside + "." });
            }
        }
    }
}
