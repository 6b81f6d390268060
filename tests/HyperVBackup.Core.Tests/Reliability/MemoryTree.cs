using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;

namespace HyperVBackup.Tests.Reliability;

/// <summary>All nodes of a file system in memory, by their numbers.</summary>
internal sealed class MemoryTree
{
    public const long RootId = 1;
    private readonly Dictionary<long, MemoryNode> _nodes = new();

    public MemoryTree() =>
        _nodes.Add(
            RootId,
            new MemoryNode
            {
                Id = RootId,
                Kind = EntryKind.Folder,
                Volume = "",
                Links = 1,
                Attributes = MemoryFiles.FolderAttributes,
            }
        );

    private MemoryTree(IEnumerable<MemoryNode> nodes) =>
        _nodes = nodes.ToDictionary(node => node.Id, node => node.Copy());

    public MemoryNode this[long id] => _nodes[id];

    public IEnumerable<MemoryNode> Nodes => _nodes.Values;

    public bool Has(long id) => _nodes.ContainsKey(id);

    public MemoryTree Copy() => new(_nodes.Values);

    /// <summary>The node as it was when it was new, if it is not here yet.</summary>
    public MemoryNode Adopt(MemoryNode fresh)
    {
        if (!_nodes.TryGetValue(fresh.Id, out var node))
            _nodes.Add(fresh.Id, node = fresh.Copy());
        return node;
    }

    public void Put(long folder, string name, long id)
    {
        Take(folder, name);
        _nodes[folder].Children[name] = id;
        _nodes[id].Links++;
    }

    public void Take(long folder, string name)
    {
        if (!_nodes.TryGetValue(folder, out var parent) || !parent.Children.Remove(name, out var id))
            return;
        _nodes[id].Links--;
    }

    /// <summary>Forgets what no name leads to.</summary>
    public void Sweep()
    {
        var reached = new HashSet<long>();
        var open = new Stack<long>();
        open.Push(RootId);
        while (open.Count > 0)
        {
            if (!reached.Add(open.Peek()))
            {
                open.Pop();
                continue;
            }

            foreach (var child in _nodes[open.Pop()].Children.Values)
                open.Push(child);
        }

        foreach (var id in _nodes.Keys.Where(id => !reached.Contains(id)).ToList())
            _nodes.Remove(id);
    }
}
