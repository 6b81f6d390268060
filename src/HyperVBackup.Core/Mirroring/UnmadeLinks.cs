using System;
using System.Collections.Generic;
using System.Globalization;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>
/// Links of a source that its copy cannot have, because the file system there has none: one failure for all of them, so
/// that thousands do not push what else is wrong out of the log. A link is content, so the copy lacks something.
/// </summary>
internal sealed class UnmadeLinks
{
    private const int MostNames = 10;
    private readonly List<string> _names = new();
    private Failure? _first;
    private long _count;

    /// <summary>Makes a link, or takes note that there can be none.</summary>
    /// <returns>Whether it was made.</returns>
    public bool TryMake(IFileSystem files, string path, string relative, FileEntry link)
    {
        try
        {
            files.CreateLink(path, link);
            return true;
        }
        catch (BackupException e) when (NoLinks.Is(e.Failure))
        {
            _first ??= e.Failure;
            _count++;
            if (_names.Count < MostNames)
                _names.Add(relative);
            return false;
        }
    }

    /// <summary>What is to be said of them; null when there are none.</summary>
    public Failure? Describe()
    {
        if (_first == null || _count == 1)
            return _first;
        var more = _count - _names.Count;
        var names =
            string.Join(", ", _names)
            + (more > 0 ? " and " + more.ToString(CultureInfo.InvariantCulture) + " more" : "");
        return _first with
        {
            Operation = "create the " + _count.ToString(CultureInfo.InvariantCulture) + " links of the source",
            Cause = _first.Cause + ": " + names,
        };
    }
}
