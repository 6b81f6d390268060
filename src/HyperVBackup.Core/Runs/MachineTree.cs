using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// The files of one virtual machine as one folder, although they lie in several and on several volumes:
/// <c>C\ProgramData\…\GUID.vmcx</c>, <c>D\SystemVHD\web.vhdx</c>.
/// For reading only; paths outside of it go to the real file system.
/// </summary>
internal sealed class MachineTree : IFileSystem
{
    private readonly IFileSystem _files;
    private readonly Dictionary<string, Node> _nodes = new(PathOf.Comparer);

    /// <summary>The files of a machine in a shadow set.</summary>
    public MachineTree(IFileSystem files, PathMap map, HyperVMachine machine)
    {
        _files = files;
        Root = "vm:" + machine.Name;
        NodeAt("");
        foreach (var file in machine.Files)
        {
            var node = NodeAt(LivePlace.RelativeOf(file.Path));
            node.Folder ??= map.Map(file.Path);
            node.Patterns.Add((new GlobFilter(AutoRecovery.WithCompanions(file.Specification)), file.IsRecursive));
        }
    }

    /// <summary>
    /// Makes sure that what the writer lists is there: without it the mirror would take away an older copy, of a disk
    /// that is only out of reach.
    /// </summary>
    /// <exception cref="BackupException">A virtual disk that the writer lists by name is not there, or nothing at all
    /// is.</exception>
    public void RequireFiles(HyperVMachine machine)
    {
        foreach (var file in machine.Files.Where(AutoRecovery.IsDisk))
        {
            if (_files.Find(PathOf.Join(_nodes[LivePlace.RelativeOf(file.Path)].Folder!, file.Specification)) == null)
                throw new BackupException(
                    FailureKind.FileMissing,
                    PathOf.Join(file.Path, file.Specification),
                    "copy the virtual disk",
                    "the Hyper-V writer lists it, and it is not in the shadow copy"
                );
        }

        if (!HoldsAny(""))
            throw new BackupException(
                FailureKind.FileMissing,
                machine.ToString(),
                "copy the virtual machine",
                "nothing of what the Hyper-V writer lists is in the shadow copy"
            );
    }

    private bool HoldsAny(string relative) =>
        List(PathOf.Join(Root, relative))
            .Any(entry => entry.Kind != EntryKind.Folder || HoldsAny(Below(relative, entry.Name)));

    /// <summary>
    /// The files of a machine as they are now, of which nothing is frozen: to be counted, not to be copied.
    /// </summary>
    public static MachineTree OfLiveFiles(IFileSystem files, HyperVMachine machine) =>
        new(
            files,
            new PathMap(
                machine.Files.Select(file => new Shadow
                {
                    Id = Guid.Empty,
                    SetId = Guid.Empty,
                    Provider = "",
                    Volume = file.Path,
                    Root = file.Path,
                })
            ),
            machine
        );

    /// <summary>The tree's own root: no real path.</summary>
    public string Root { get; }

    /// <summary>Where a file of the tree really is.</summary>
    public string RealPath(string path) =>
        Inside(path, out var relative) && RealOf(relative) is { } real ? real.Path : path;

    public bool IgnoresCase => _files.IgnoresCase;

    public FileEntry? Find(string path) => Inside(path, out var relative) ? FindInside(relative) : _files.Find(path);

    public IReadOnlyList<FileEntry> List(string folder)
    {
        if (!Inside(folder, out var relative))
            return _files.List(folder);
        var entries = new Dictionary<string, FileEntry>(PathOf.Comparer);
        if (_nodes.TryGetValue(relative, out var node))
            foreach (var child in node.Children)
                entries[child] = FolderEntry(child, Below(relative, child));
        foreach (var entry in ListReal(relative))
            if (!entries.ContainsKey(entry.Name))
                entries.Add(entry.Name, entry);
        return entries.Values.ToList();
    }

    public IBlockFile OpenRead(string path, bool direct) => Guarded(path, real => _files.OpenRead(real, direct));

    public string Resolve(string path) => Inside(path, out _) ? path : _files.Resolve(path);

    public IBlockFile OpenUpdate(string path, bool direct) => _files.OpenUpdate(path, direct);

    public IBlockFile Create(string path, bool direct) => _files.Create(path, direct);

    public void CreateFolder(string path, bool isPrivate) => _files.CreateFolder(path, isPrivate);

    public void CreateLink(string path, FileEntry like) => _files.CreateLink(path, like);

    public void Rename(string from, string to) => _files.Rename(from, to);

    public void DeleteFile(string path) => _files.DeleteFile(path);

    public void DeleteFolder(string path) => _files.DeleteFolder(path);

    public void SetMetadata(string path, FileEntry like) => _files.SetMetadata(path, like);

    public void FlushFolder(string folder) => _files.FlushFolder(folder);

    public bool TryFlushVolume(string path) => _files.TryFlushVolume(path);

    public VolumeInfo GetVolume(string path) => Guarded(path, _files.GetVolume);

    public bool TryClone(string source, string destination) =>
        Guarded(source, real => _files.TryClone(real, destination));

    public string? WhoElseMayWrite(string path) => Guarded(path, _files.WhoElseMayWrite);

    private static string Below(string relative, string name) => relative.Length == 0 ? name : relative + "/" + name;

    private bool Inside(string path, out string relative) => PathOf.TryRelative(Root, path, out relative);

    private Node NodeAt(string relative)
    {
        if (_nodes.TryGetValue(relative, out var node))
            return node;
        _nodes.Add(relative, node = new Node());
        if (relative.Length == 0)
            return node;
        var slash = relative.LastIndexOf('/');
        NodeAt(slash < 0 ? "" : relative.Substring(0, slash)).Children.Add(relative.Substring(slash + 1));
        return node;
    }

    private FileEntry? FindInside(string relative)
    {
        if (_nodes.ContainsKey(relative))
            return FolderEntry(PathOf.Leaf(relative), relative);
        return RealOf(relative) is { } real ? _files.Find(real.Path) : null;
    }

    // A folder that only leads to others has no metadata that would matter; its time is fixed, so that it does not
    // change from run to run.
    private FileEntry FolderEntry(string name, string relative)
    {
        const uint everyoneMayRead = 0x1ED,
            directory = 0x10;
        var real = _nodes.TryGetValue(relative, out var node) && node.Folder != null ? _files.Find(node.Folder) : null;
        return real is { Kind: EntryKind.Folder }
            ? real with
            {
                Name = name,
            }
            : new FileEntry
            {
                Name = name,
                Kind = EntryKind.Folder,
                Attributes = PathOf.IsWindows ? directory : everyoneMayRead,
            };
    }

    private IEnumerable<FileEntry> ListReal(string relative)
    {
        if (RealOf(relative, asFolder: true) is not { } real)
            return Array.Empty<FileEntry>();
        // The writer lists folders that need not exist, such as that of checkpoints of a machine that has none.
        if (_files.Find(real.Path) is not { Kind: EntryKind.Folder })
            return Array.Empty<FileEntry>();
        return _files
            .List(real.Path)
            .Where(entry =>
                entry.Kind == EntryKind.Folder
                    ? real.Patterns.Any(pattern => pattern.Recursive)
                    : real.Patterns.Any(pattern => pattern.Filter.TakesFile(entry.Name))
            );
    }

    // The real path, and the patterns that hold there: those of the node itself, or the recursive ones of a node above.
    private (string Path, List<(GlobFilter Filter, bool Recursive)> Patterns)? RealOf(
        string relative,
        bool asFolder = false
    )
    {
        var rest = "";
        for (var at = relative; ; at = at.Substring(0, at.LastIndexOf('/')))
        {
            if (_nodes.TryGetValue(at, out var node) && node.Folder != null)
            {
                var parent = rest.Length == 0 || (!asFolder && rest.IndexOf('/') < 0);
                var patterns = parent ? node.Patterns : node.Patterns.Where(pattern => pattern.Recursive).ToList();
                return (rest.Length == 0 ? node.Folder : PathOf.Join(node.Folder, rest), patterns);
            }

            var slash = at.LastIndexOf('/');
            if (slash < 0)
                return null;
            rest = rest.Length == 0 ? at.Substring(slash + 1) : at.Substring(slash + 1) + "/" + rest;
        }
    }

    // Failures name the file as the rest of the run knows it.
    private T Guarded<T>(string path, Func<string, T> act)
    {
        if (!Inside(path, out var relative))
            return act(path);
        var real =
            RealOf(relative)?.Path
            ?? throw new BackupException(
                FailureKind.FileMissing,
                path,
                "open it",
                "the virtual machine has no such file"
            );
        try
        {
            return act(real);
        }
        catch (BackupException e) when (e.Failure.Target == real)
        {
            throw new BackupException(e.Failure with { Target = path }, e);
        }
    }

    private sealed class Node
    {
        public string? Folder { get; set; }

        public SortedSet<string> Children { get; } = new(PathOf.Comparer);

        public List<(GlobFilter Filter, bool Recursive)> Patterns { get; } = new();
    }
}
