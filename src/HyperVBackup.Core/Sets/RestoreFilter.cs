using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Walking;

namespace HyperVBackup.Sets;

/// <summary>
/// What of a set is restored. A pattern takes the files that match it, and of a folder that matches it all that it
/// holds: who names a folder means the
/// folder, however it is written (<c>VHD</c>, <c>VHD/</c>, <c>VHD\web01</c>, <c>VHD/*</c>).
/// </summary>
internal sealed class RestoreFilter
{
    private readonly GlobFilter _filter;

    /// <summary>A filter from the patterns of a request; none: everything.</summary>
    public RestoreFilter(IReadOnlyList<string> paths)
    {
        TakesAll = paths.Count == 0;
        _filter = new GlobFilter(paths.Select(Plain));
    }

    /// <summary>Whether there is no pattern.</summary>
    public bool TakesAll { get; }

    /// <summary>Whether a file, link or folder is among them.</summary>
    /// <param name="folder">The folder of the set.</param>
    /// <param name="path">The path in it, '/' separated.</param>
    public bool Takes(string folder, string path) => TakesAll || Matches(folder + "/" + path) || Matches(path);

    private bool Matches(string path)
    {
        for (var end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
            if (_filter.TakesFile(path.Substring(0, end)))
                return true;
        return _filter.TakesFile(path);
    }

    private static string Plain(string pattern)
    {
        var plain = pattern.Replace('\\', '/');
        while (plain.StartsWith("./", System.StringComparison.Ordinal))
            plain = plain.Substring(2);
        return plain;
    }
}
