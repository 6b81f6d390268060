using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests.Mirroring;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A file system in memory that keeps every promise of the seam, writes down each change, and can be built again as a
/// power cut at any moment would leave it
/// (<see cref="PowerCut"/>). It behaves as for an ordinary user who owns everything: read-only files are not written,
/// read-only folders not changed.
/// </summary>
internal sealed class MemoryFiles : IFileSystem
{
    private readonly object _gate = new();
    private readonly Dictionary<string, MemoryVolume> _volumes = new(StringComparer.Ordinal);
    private readonly List<MemoryStep> _record = new();
    private List<MemoryEffect>? _effects;
    private long _nextId = MemoryTree.RootId + 1;
    private long _time;

    public MemoryFiles()
        : this(new MemoryTree(), []) { }

    private MemoryFiles(MemoryTree tree, IEnumerable<MemoryVolume> volumes)
    {
        Tree = tree;
        foreach (var volume in volumes)
            _volumes.Add(volume.Path, volume);
        if (tree.Nodes.Any())
            _nextId = tree.Nodes.Max(node => node.Id) + 1;
        _time = tree.Nodes.Max(node => Math.Max(Ticks(node.Changed), Ticks(node.Modified)));
    }

    /// <summary>The root of everything: where paths of tests start.</summary>
    public static string Root { get; } = PathOf.IsWindows ? @"M:\" : "/m";

    public static uint FolderAttributes { get; } = PathOf.IsWindows ? 0x10u : 0x1EDu;

    private static uint FileAttributes { get; } = PathOf.IsWindows ? 0x20u : 0x180u;

    /// <summary>
    /// Whether a volume can be flushed as a whole. If not, it is as on Windows without administrator rights.
    /// </summary>
    public bool FlushesVolumes { get; set; } = true;

    /// <summary>Whether files can share blocks.</summary>
    public bool Clones { get; set; }

    public bool IgnoresCase => false;

    public MemoryTree Tree { get; }

    /// <summary>All that was done since the record was last cleared. Reading is not in it.</summary>
    public IReadOnlyList<MemoryStep> Record => _record;

    /// <summary>
    /// Asked before every change; throws what is to happen instead, as a process that is killed does nothing more.
    /// </summary>
    public Action? BeforeChange { get; set; }

    public static string At(string relative) => PathOf.Join(Root, relative);

    /// <summary>Makes a volume at a path below the root.</summary>
    public MemoryFiles AddVolume(string name, long capacity = long.MaxValue, string? disk = null)
    {
        var path = At(name);
        _volumes.Add(path, new MemoryVolume(path, disk ?? name, capacity, (ulong)_volumes.Count + 2));
        EnsureFolder(path);
        return this;
    }

    public void Resize(string name, long capacity) =>
        _volumes[At(name)] = _volumes[At(name)] with { Capacity = capacity };

    /// <summary>Bytes in use on a volume; every node counts as a page of its own.</summary>
    public long Used(string name)
    {
        lock (_gate)
            return UsedOn(At(name));
    }

    /// <summary>What is there now, all of it on the medium, with nothing recorded.</summary>
    public MemoryFiles Settled() => From(Tree.Copy());

    /// <summary>A file system like this one with another content.</summary>
    public MemoryFiles From(MemoryTree tree)
    {
        tree.Sweep();
        return new MemoryFiles(tree, _volumes.Values) { FlushesVolumes = FlushesVolumes, Clones = Clones };
    }

    public void ClearRecord() => _record.Clear();

    public FileEntry? Find(string path)
    {
        lock (_gate)
            return Lookup(path) is { } node ? node.ToEntry(PathOf.Leaf(path), VolumeId(node)) : null;
    }

    public string Resolve(string path)
    {
        lock (_gate)
        {
            var real = "";
            var node = Tree[MemoryTree.RootId];
            var parts = Parts(path);
            for (var i = 0; i < parts.Length; i++)
            {
                if (node == null || !node.Children.TryGetValue(parts[i], out var id))
                {
                    real += "/" + parts[i];
                    node = null;
                    continue;
                }

                if (Tree[id].Kind == EntryKind.Link)
                    return Resolve(Across(real.Length == 0 ? "/" : real, Tree[id].LinkTarget!, parts.Skip(i + 1)));
                node = Tree[id];
                real += "/" + parts[i];
            }

            return Native(real);
        }
    }

    public IReadOnlyList<FileEntry> List(string folder)
    {
        lock (_gate)
        {
            var node = Require(folder, "list the folder", EntryKind.Folder);
            return node
                .Children.Select(child => Tree[child.Value].ToEntry(child.Key, VolumeId(Tree[child.Value])))
                .ToList();
        }
    }

    public IBlockFile OpenRead(string path, bool direct)
    {
        lock (_gate)
            return new MemoryFile(this, Require(path, "open it for reading", EntryKind.File), path, false);
    }

    public IBlockFile OpenUpdate(string path, bool direct)
    {
        lock (_gate)
        {
            var node = Require(path, "open it for writing", EntryKind.File);
            if (!MayWrite(node))
                throw Failed(FailureKind.AccessDenied, path, "open it for writing", "permission denied");
            return new MemoryFile(this, node, path, true);
        }
    }

    public IBlockFile Create(string path, bool direct)
    {
        lock (_gate)
            return new MemoryFile(this, Add(path, "create it", EntryKind.File, FileAttributes, null), path, true);
    }

    public void CreateFolder(string path, bool isPrivate)
    {
        lock (_gate)
            Add(
                path,
                "create the folder",
                EntryKind.Folder,
                isPrivate && !PathOf.IsWindows ? 0x1C0u : FolderAttributes,
                null
            );
    }

    public void CreateLink(string path, FileEntry like)
    {
        lock (_gate)
            Add(path, "create the link", EntryKind.Link, PathOf.IsWindows ? 0x400u : 0x1FFu, like);
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            var operation = "rename it to " + to;
            var (source, name) = Parent(from, operation);
            var (target, newName) = Parent(to, operation);
            if (!source.Children.TryGetValue(name, out var id))
                throw Failed(FailureKind.FileMissing, from, operation, "no such file or folder");
            if (source.Volume != target.Volume)
                throw Failed(FailureKind.NotSupported, from, operation, "the two paths are on different volumes");
            if (!MayChange(source) || !MayChange(target))
                throw Failed(FailureKind.AccessDenied, from, operation, "permission denied");
            if (target.Children.TryGetValue(newName, out var old))
            {
                if (old == id)
                    return;
                if (Tree[old].Kind == EntryKind.Folder)
                    throw Failed(FailureKind.FileDiffers, from, operation, "it is a folder");
            }

            Step(
                "Rename",
                to,
                () =>
                {
                    Do(new RenameEffect(source.Id, name, target.Id, newName, id));
                    Touch(source, true);
                    if (target != source)
                        Touch(target, true);
                    Touch(Tree[id], false);
                }
            );
        }
    }

    public void DeleteFile(string path)
    {
        lock (_gate)
        {
            var (folder, name) = Parent(path, "delete it");
            if (!folder.Children.TryGetValue(name, out var id))
                throw Failed(FailureKind.FileMissing, path, "delete it", "no such file or folder");
            if (Tree[id].Kind == EntryKind.Folder)
                throw Failed(FailureKind.FileDiffers, path, "delete it", "it is a folder");
            if (!MayChange(folder))
                throw Failed(FailureKind.AccessDenied, path, "delete it", "permission denied");
            Unname("DeleteFile", path, folder, name, id);
        }
    }

    public void DeleteFolder(string path)
    {
        lock (_gate)
        {
            var (folder, name) = Parent(path, "delete the folder");
            if (!folder.Children.TryGetValue(name, out var id))
                throw Failed(FailureKind.FileMissing, path, "delete the folder", "no such file or folder");
            if (Tree[id].Kind != EntryKind.Folder)
                throw Failed(FailureKind.FileMissing, path, "delete the folder", "a part of the path is not a folder");
            if (Tree[id].Children.Count > 0)
                throw Failed(FailureKind.FileExtra, path, "delete the folder", "the folder is not empty");
            if (!MayChange(folder))
                throw Failed(FailureKind.AccessDenied, path, "delete the folder", "permission denied");
            Unname("DeleteFolder", path, folder, name, id);
        }
    }

    public void SetMetadata(string path, FileEntry like)
    {
        lock (_gate)
        {
            SetMetadata(Require(path, "set its metadata", null), path, like);
        }
    }

    private void SetMetadata(MemoryNode node, string path, FileEntry like) =>
        Step(
            "SetMetadata",
            path,
            () =>
                Do(
                    new MetadataEffect(
                        node.Id,
                        like.Modified,
                        Now(),
                        PathOf.IsWindows ? like.Created : node.Created,
                        node.Kind == EntryKind.Link ? node.Attributes : like.Attributes
                    )
                )
        );

    public void FlushFolder(string folder)
    {
        lock (_gate)
        {
            var node = Require(folder, "flush the folder", EntryKind.Folder);
            Step("FlushFolder", folder, () => Do(new FlushEffect(null, node.Id, null)));
        }
    }

    public bool TryFlushVolume(string path)
    {
        lock (_gate)
        {
            var node = Require(path, "flush the volume", null);
            if (FlushesVolumes)
                Step("TryFlushVolume", path, () => Do(new FlushEffect(null, null, node.Volume)));
            return FlushesVolumes;
        }
    }

    public VolumeInfo GetVolume(string path)
    {
        lock (_gate)
        {
            var volume = VolumeOf(Require(path, "ask for its volume", null));
            return new VolumeInfo
            {
                Root = volume.Path,
                FileSystem = "memory",
                Id = volume.Id,
                Disk = volume.Disk,
                FreeBytes = volume.Capacity - UsedOn(volume.Path),
                TotalBytes = volume.Capacity,
                ClonesBlocks = Clones,
            };
        }
    }

    public bool TryClone(string source, string destination)
    {
        lock (_gate)
        {
            var from = Require(source, "open it for reading", EntryKind.File);
            if (!Clones || from.Volume != Parent(destination, "create it").Folder.Volume)
                return false;
            var to = Add(destination, "create it", EntryKind.File, FileAttributes, null);
            Step(
                "TryClone",
                destination,
                () =>
                {
                    Do(new CloneEffect(to.Id, from.Size, new Dictionary<long, byte[]>(from.Pages)));
                    Touch(to, true);
                }
            );
            foreach (var page in from.Pages.ToList())
                from.Share(page.Key, page.Value);
            return true;
        }
    }

    public string? WhoElseMayWrite(string path) => null;

    /// <summary>Makes a folder and those above it.</summary>
    public void EnsureFolder(string path)
    {
        if (Find(path) != null)
            return;
        if (PathOf.Parent(path) is { } parent && Parts(path).Length > 1)
            EnsureFolder(parent);
        CreateFolder(path, false);
    }

    /// <summary>Puts a file there, whatever was there before; its time is that of the moment unless given.</summary>
    public void Put(string path, byte[] content, FileTime? modified = null)
    {
        EnsureFolder(PathOf.Parent(path)!);
        if (Find(path) != null)
            DeleteFile(path);
        using (var file = (MemoryFile)Create(path, false))
            file.Write(0, content);
        if (modified is { } time)
            SetMetadata(path, Find(path)! with { Modified = time });
    }

    /// <summary>Gives a file a second name. Not recorded.</summary>
    public void HardLink(string existing, string path)
    {
        lock (_gate)
        {
            var (folder, name) = Parent(path, "link it");
            Tree.Put(folder.Id, name, Require(existing, "link it", EntryKind.File).Id);
        }
    }

    /// <summary>
    /// Spoils a byte as a disk does: in every file that shares the page, and no time stamp tells of it. Not recorded.
    /// </summary>
    public void Rot(string path, long offset)
    {
        lock (_gate)
        {
            var page = Require(path, "spoil it", EntryKind.File).Pages[offset / MemoryNode.PageSize];
            page[offset % MemoryNode.PageSize] ^= 1;
        }
    }

    public byte[] Get(string path)
    {
        lock (_gate)
        {
            var node = Require(path, "read it", EntryKind.File);
            var content = new byte[node.Size];
            node.Read(0, content, 0, content.Length);
            return content;
        }
    }

    /// <summary>A hash of a file's content, zeroes left out: quick for what is mostly empty.</summary>
    public string Digest(string path)
    {
        lock (_gate)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (
                var page in Require(path, "read it", EntryKind.File)
                    .Pages.Where(page => page.Value.AsSpan().ContainsAnyExcept((byte)0))
                    .OrderBy(page => page.Key)
            )
            {
                hash.AppendData(BitConverter.GetBytes(page.Key));
                hash.AppendData(page.Value);
            }

            return Convert.ToHexString(hash.GetHashAndReset());
        }
    }

    private static long Ticks(FileTime time) => time.Seconds * 1_000_000 + time.Nanoseconds / 1000;

    private static BackupException Failed(FailureKind kind, string path, string operation, string cause) =>
        new(kind, path, operation, cause);

    private static string[] Parts(string path) =>
        (PathOf.IsWindows ? path.Replace('\\', '/') : path).Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static string Native(string path) => PathOf.IsWindows ? path.TrimStart('/').Replace('/', '\\') : path;

    private static string Across(string folder, string link, IEnumerable<string> rest)
    {
        var start = Parts(link).FirstOrDefault() == Parts(Root)[0] ? link : folder + "/" + link;
        var parts = new List<string>();
        foreach (var part in Parts(start))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not "." and not "..")
                parts.Add(part);
        }

        return Native("/" + string.Join("/", parts.Concat(rest)));
    }

    private static bool MayWrite(MemoryNode node) =>
        PathOf.IsWindows ? (node.Attributes & 1) == 0 : (node.Attributes & 0x80) != 0;

    private static bool MayChange(MemoryNode folder) => PathOf.IsWindows || (folder.Attributes & 0xC0) == 0xC0;

    private MemoryNode? Lookup(string path)
    {
        var node = Tree[MemoryTree.RootId];
        var parts = Parts(path);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length > 255)
                throw Failed(FailureKind.PathTooLong, path, "look it up", "the name is too long");
            if (node.Kind != EntryKind.Folder || !node.Children.TryGetValue(parts[i], out var id))
                return null;
            node = Tree[id];
            if (node.Kind == EntryKind.Link && i < parts.Length - 1)
                throw Failed(
                    FailureKind.LinkRefused,
                    path,
                    "look it up",
                    Native("/" + string.Join("/", parts.Take(i + 1)))
                        + " is a symbolic link, and links are not followed"
                );
        }

        return node;
    }

    private MemoryNode Require(string path, string operation, EntryKind? kind)
    {
        var node = Lookup(path) ?? throw Failed(FailureKind.FileMissing, path, operation, "no such file or folder");
        if (kind == null || node.Kind == kind)
            return node;
        if (node.Kind == EntryKind.Link)
            throw Failed(FailureKind.LinkRefused, path, operation, "it is a symbolic link");
        throw kind == EntryKind.Folder
            ? Failed(FailureKind.FileMissing, path, operation, "a part of the path is not a folder")
            : Failed(FailureKind.FileDiffers, path, operation, "it is a folder");
    }

    private (MemoryNode Folder, string Name) Parent(string path, string operation)
    {
        var parts = Parts(path);
        if (parts[^1].Length > 255)
            throw Failed(FailureKind.PathTooLong, path, operation, "the name is too long");
        var folder =
            parts.Length == 1 ? Tree[MemoryTree.RootId] : Lookup(Native("/" + string.Join("/", parts.SkipLast(1))));
        if (folder?.Kind == EntryKind.Link)
            throw Failed(
                FailureKind.LinkRefused,
                path,
                operation,
                "the folder above is a symbolic link, and links are not followed"
            );
        return folder is { Kind: EntryKind.Folder }
            ? (folder, parts[^1])
            : throw Failed(FailureKind.FileMissing, path, operation, "no such file or folder");
    }

    private MemoryNode Add(string path, string operation, EntryKind kind, uint attributes, FileEntry? like)
    {
        var (folder, name) = Parent(path, operation);
        if (folder.Children.ContainsKey(name))
            throw Failed(FailureKind.DestinationExists, path, operation, "it exists already");
        if (!MayChange(folder))
            throw Failed(FailureKind.AccessDenied, path, operation, "permission denied");
        var volume = _volumes.ContainsKey(Native("/" + string.Join("/", Parts(path))))
            ? Native("/" + string.Join("/", Parts(path)))
            : folder.Volume;
        if (volume == folder.Volume)
            RequireRoom(volume, 1, path, operation);
        var now = Now();
        var node = new MemoryNode
        {
            Id = _nextId++,
            Kind = kind,
            Volume = volume,
            Attributes = attributes,
            Modified = now,
            Changed = now,
            Created = now,
            LinkTarget = like?.LinkTarget,
            LinkKind = like?.LinkKind ?? LinkKind.Symbolic,
        };
        Step(
            kind == EntryKind.File ? "Create"
                : kind == EntryKind.Folder ? "CreateFolder"
                : "CreateLink",
            path,
            () =>
            {
                Do(new NameEffect(folder.Id, name, node));
                Touch(folder, true);
            }
        );
        return Tree[node.Id];
    }

    private void Unname(string operation, string path, MemoryNode folder, string name, long id) =>
        Step(
            operation,
            path,
            () =>
            {
                Do(new UnnameEffect(folder.Id, name));
                Touch(folder, true);
                Touch(Tree[id], false);
            }
        );

    private void Step(string operation, string path, Action change)
    {
        BeforeChange?.Invoke();
        _effects = new List<MemoryEffect>();
        change();
        _record.Add(new MemoryStep(operation, path, _effects));
    }

    private void Do(MemoryEffect effect)
    {
        effect.Apply(Tree);
        _effects!.Add(effect);
    }

    private void Touch(MemoryNode node, bool modified)
    {
        var now = Now();
        Do(new MetadataEffect(node.Id, modified ? now : node.Modified, now, node.Created, node.Attributes));
    }

    // Moves by a microsecond with every change, so that no two are ever of one time.
    private FileTime Now()
    {
        _time = Math.Max(_time, 1_769_648_400_000_000) + 1;
        return new FileTime(_time / 1_000_000, (int)(_time % 1_000_000) * 1000);
    }

    private ulong VolumeId(MemoryNode node) => VolumeOf(node).Id;

    private MemoryVolume VolumeOf(MemoryNode node) =>
        _volumes.TryGetValue(node.Volume, out var volume) ? volume : new MemoryVolume(Root, "root", long.MaxValue, 1);

    // Pages that files share are one page.
    private long UsedOn(string volume)
    {
        var nodes = Tree.Nodes.Where(node => node.Volume == volume && node.Links > 0).ToList();
        return (
                nodes.Count
                + nodes.SelectMany(node => node.Pages.Values).Distinct(ReferenceEqualityComparer.Instance).LongCount()
            ) * MemoryNode.PageSize;
    }

    private void RequireRoom(string volume, int pages, string path, string operation)
    {
        if (pages == 0 || !_volumes.TryGetValue(volume, out var known) || known.Capacity == long.MaxValue)
            return;
        if (UsedOn(volume) + (long)pages * MemoryNode.PageSize > known.Capacity)
            throw Failed(FailureKind.DiskFull, path, operation, "no space left on the volume");
    }

    private sealed record MemoryVolume(string Path, string Disk, long Capacity, ulong Id);

    private sealed class MemoryFile(MemoryFiles files, MemoryNode node, string path, bool writable) : IBlockFile
    {
        public bool FillsGaps => false;

        public FileEntry Stat()
        {
            lock (files._gate)
                return node.ToEntry(PathOf.Leaf(path), files.VolumeId(node));
        }

        public int Read(long offset, AlignedBuffer buffer, int start, int count)
        {
            lock (files._gate)
                return node.Read(offset, buffer.Bytes, buffer.First + start, count);
        }

        public void Write(long offset, AlignedBuffer buffer, int start, int count) =>
            Write(offset, buffer.Bytes.AsSpan(buffer.First + start, count).ToArray());

        public void Write(long offset, byte[] bytes)
        {
            lock (files._gate)
            {
                RequireWritable();
                files.RequireRoom(node.Volume, node.PagesNeeded(offset, bytes.Length), path, "write");
                files.Step(
                    "Write",
                    path,
                    () =>
                    {
                        files.Do(new WriteEffect(node.Id, offset, bytes));
                        files.Touch(node, true);
                    }
                );
            }
        }

        public void SetLength(long length)
        {
            lock (files._gate)
            {
                RequireWritable();
                files.Step(
                    "SetLength",
                    path,
                    () =>
                    {
                        files.Do(new LengthEffect(node.Id, length));
                        files.Touch(node, true);
                    }
                );
            }
        }

        public bool TryZero(long offset, long count)
        {
            lock (files._gate)
            {
                RequireWritable();
                files.Step(
                    "TryZero",
                    path,
                    () =>
                    {
                        files.Do(new ZeroEffect(node.Id, offset, count));
                        files.Touch(node, true);
                    }
                );
                return true;
            }
        }

        public void SetMetadata(FileEntry like)
        {
            lock (files._gate)
            {
                RequireWritable();
                files.SetMetadata(node, path, like);
            }
        }

        public bool? IsMarkedSparse() => null;

        public bool TryUnmarkSparse() => false;

        public bool NextData(long offset, out long start, out long end)
        {
            lock (files._gate)
                return node.NextData(offset, out start, out end);
        }

        public void Flush()
        {
            lock (files._gate)
                files.Step("Flush", path, () => files.Do(new FlushEffect(node.Id, null, null)));
        }

        public void Dispose() { }

        private void RequireWritable()
        {
            if (!writable)
                throw new InvalidOperationException(path + " was opened for reading.");
        }
    }
}
