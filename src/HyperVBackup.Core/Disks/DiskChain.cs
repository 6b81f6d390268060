using System;
using System.Collections.Generic;
using System.Linq;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>
/// Finds the parent of every differencing disk among the disks of one backup set. The names in the disks are those of
/// the host, where folders were other
/// ones, so only the last part of a path counts as a name, and the identity decides.
/// </summary>
internal sealed class DiskChain
{
    private readonly List<ChainLink> _links;
    private readonly Dictionary<string, List<int>> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(DiskFormat, Guid), List<int>> _byIdentity = new();
    private readonly int[] _parents;

    private DiskChain(IEnumerable<(string Path, DiskReport Report)> disks)
    {
        _links = disks
            .OrderBy(disk => disk.Path, StringComparer.Ordinal)
            .Select(disk => new ChainLink(disk.Path, disk.Report))
            .ToList();
        for (var i = 0; i < _links.Count; i++)
        {
            Add(_byName, LeafOf(_links[i].Path), i);
            if (_links[i].Report.Identity is { } identity)
                Add(_byIdentity, (_links[i].Report.Format, identity), i);
        }

        _parents = Enumerable.Repeat(-1, _links.Count).ToArray();
    }

    /// <summary>One link per disk, by path.</summary>
    /// <param name="disks">Every virtual disk of the set: its path in the set, '/' separated, and its report.</param>
    public static IReadOnlyList<ChainLink> Resolve(IEnumerable<(string Path, DiskReport Report)> disks)
    {
        var chain = new DiskChain(disks);
        for (var i = 0; i < chain._links.Count; i++)
            chain.FindParent(i);
        chain.FollowParents();
        return chain._links;
    }

    private void FindParent(int child)
    {
        var report = _links[child].Report;
        if (report.Kind != DiskKind.Differencing)
            return;
        if (report.Parent is not { Ids.Count: > 0 } parent)
        {
            _links[child] = _links[child] with
            {
                Problem = ChainProblem.ParentUnknown,
                Cause = "it is a differencing disk, but what it says of its parent is not readable",
            };
            return;
        }

        var named = Named(parent).ToList();
        var found =
            Best(child, parent, named.Where(i => HasIdentity(i, report.Format, parent)))
            ?? Best(
                child,
                parent,
                parent.Ids.SelectMany(id =>
                    _byIdentity.TryGetValue((report.Format, id), out var same) ? same : new List<int>()
                )
            );
        _links[child] = found is { } index
            ? Joined(child, index)
            : Unjoined(child, parent, named.Where(i => i != child).Select(i => (int?)i).FirstOrDefault());
    }

    private ChainLink Joined(int child, int parent)
    {
        _parents[child] = parent;
        var link = _links[child] with { ParentPath = _links[parent].Path };
        var (own, theirs) = (link.Report.LogicalSectorSize, _links[parent].Report.LogicalSectorSize);
        return own is null || theirs is null || own == theirs
            ? link
            : link with
            {
                Problem = ChainProblem.ParentSectorsDiffer,
                Cause = Invariant($"it has sectors of {own} bytes, its parent {link.ParentPath} of {theirs}"),
            };
    }

    private ChainLink Unjoined(int child, ParentReference parent, int? namesake)
    {
        var name = parent.Paths.Select(LeafOf).FirstOrDefault() ?? "(no name)";
        var expected = Invariant($"\"{name}\" with identity {string.Join(" or ", parent.Ids)}");
        if (namesake is not { } index)
            return _links[child] with
            {
                Problem = ChainProblem.ParentMissing,
                Cause = "its parent, " + expected + ", is not in the set",
            };
        var identity = _links[index].Report.Identity?.ToString() ?? "none that is readable";
        return _links[child] with
        {
            Problem = ChainProblem.ParentChanged,
            Cause = Invariant($"its parent should be {expected}; {_links[index].Path} has identity {identity}"),
        };
    }

    // Disks are looked at once each: after that their depth is known, or that they lead nowhere.
    private void FollowParents()
    {
        var depths = new int?[_links.Count];
        for (var start = 0; start < _links.Count; start++)
        {
            var path = new List<int>();
            var onPath = new HashSet<int>();
            var at = start;
            for (; at >= 0 && depths[at] is null && onPath.Add(at); at = _parents[at])
                path.Add(at);
            var isCycle = at >= 0 && depths[at] is null;
            var cycle = isCycle ? new HashSet<int>(path.Skip(path.IndexOf(at))) : null;
            for (var i = path.Count - 1; i >= 0; i--)
                depths[path[i]] = Settle(path[i], depths, cycle);
        }
    }

    private int Settle(int index, int?[] depths, HashSet<int>? cycle)
    {
        var parent = _parents[index];
        if (cycle?.Contains(index) == true)
        {
            _links[index] = _links[index] with
            {
                Problem = ChainProblem.Cycle,
                Cause = "its chain of parents leads back to itself",
            };
            return 0;
        }

        if (parent < 0)
            return 0;
        var depth = depths[parent]!.Value + 1;
        var link = _links[index] with { Depth = depth };
        if (link.Problem == ChainProblem.None && !_links[parent].IsComplete)
            link = link with { Problem = ChainProblem.AncestorBroken, Cause = CauseFrom(_links[parent]) };
        _links[index] = link;
        return depth;
    }

    // The root of it, however long the chain.
    private static string? CauseFrom(ChainLink ancestor) =>
        ancestor.Problem == ChainProblem.AncestorBroken
            ? ancestor.Cause
            : Invariant($"its ancestor {ancestor.Path} cannot be used: {ancestor.Cause}");

    private IEnumerable<int> Named(ParentReference parent) =>
        parent
            .Paths.Select(LeafOf)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .SelectMany(leaf => _byName.TryGetValue(leaf, out var named) ? named : new List<int>());

    private bool HasIdentity(int index, DiskFormat format, ParentReference parent) =>
        _links[index].Report.Format == format
        && _links[index].Report.Identity is { } identity
        && parent.Ids.Contains(identity);

    // Copies of a disk share its identity: the one whose folders end like the recorded path is meant, else the first.
    private int? Best(int child, ParentReference parent, IEnumerable<int> candidates) =>
        candidates
            .Distinct()
            .OrderBy(i => i == child)
            .ThenByDescending(i => parent.Paths.Select(path => CommonEnd(path, _links[i].Path)).DefaultIfEmpty().Max())
            .ThenBy(i => i)
            .Select(i => (int?)i)
            .FirstOrDefault();

    private static int CommonEnd(string left, string right)
    {
        var (ours, theirs) = (left.Split('\\', '/'), right.Split('\\', '/'));
        var count = 0;
        while (
            count < ours.Length
            && count < theirs.Length
            && string.Equals(
                ours[ours.Length - 1 - count],
                theirs[theirs.Length - 1 - count],
                StringComparison.OrdinalIgnoreCase
            )
        )
            count++;
        return count;
    }

    private static string LeafOf(string path) => path.Substring(path.LastIndexOfAny(new[] { '\\', '/' }) + 1);

    private static void Add<TKey>(Dictionary<TKey, List<int>> index, TKey key, int value)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var values))
            index[key] = values = new List<int>();
        values.Add(value);
    }
}
