using System;
using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Tests.Reliability;

/// <summary>One thing that an operation changed, in the units in which a power cut keeps or loses it.</summary>
internal abstract record MemoryEffect
{
    /// <summary>Makes a tree such that the effect has happened.</summary>
    public abstract void Apply(MemoryTree tree);
}

/// <summary>Bytes written to a file.</summary>
internal sealed record WriteEffect(long Node, long Offset, byte[] Bytes) : MemoryEffect
{
    public override void Apply(MemoryTree tree) => tree[Node].Write(Offset, Bytes, 0, Bytes.Length);

    /// <summary>Only the given sectors of 512 bytes reached the medium; the size did.</summary>
    public void ApplyTorn(MemoryTree tree, Func<int, bool> sector)
    {
        const int size = 512;
        var node = tree[Node];
        for (var i = 0; i * size < Bytes.Length; i++)
            if (sector(i))
                node.Write(Offset + i * size, Bytes, i * size, Math.Min(size, Bytes.Length - i * size));
        ApplySizeOnly(tree);
    }

    /// <summary>The size reached the medium and the bytes did not: what was not there before reads as zero.</summary>
    public void ApplySizeOnly(MemoryTree tree)
    {
        var node = tree[Node];
        if (node.Size < Offset + Bytes.Length)
            node.SetLength(Offset + Bytes.Length);
    }
}

/// <summary>
/// A file that came to share the pages of another. Like written bytes, they are the file's own business from then on:
/// only a flush of it, or of the volume, makes them
/// durable, however durable they are in the file they came from.
/// </summary>
internal sealed record CloneEffect(long Node, long Length, IReadOnlyDictionary<long, byte[]> Pages) : MemoryEffect
{
    public override void Apply(MemoryTree tree) => ApplySome(tree, _ => true);

    /// <summary>Only some of the pages came to be shared; the length reached the medium.</summary>
    public void ApplySome(MemoryTree tree, Func<long, bool> page)
    {
        var node = tree[Node];
        foreach (var shared in Pages)
            if (page(shared.Key))
                node.Share(shared.Key, shared.Value);
        if (node.Size < Length)
            node.SetLength(Length);
    }
}

/// <summary>A file cut or extended.</summary>
internal sealed record LengthEffect(long Node, long Length) : MemoryEffect
{
    public override void Apply(MemoryTree tree) => tree[Node].SetLength(Length);
}

/// <summary>A range made to read as zero.</summary>
internal sealed record ZeroEffect(long Node, long Offset, long Count) : MemoryEffect
{
    public override void Apply(MemoryTree tree) => tree[Node].Zero(Offset, Count);
}

/// <summary>Times and attributes of a file, folder or link.</summary>
internal sealed record MetadataEffect(long Node, FileTime Modified, FileTime Changed, FileTime Created, uint Attributes)
    : MemoryEffect
{
    public override void Apply(MemoryTree tree)
    {
        var node = tree[Node];
        (node.Modified, node.Changed, node.Created, node.Attributes) = (Modified, Changed, Created, Attributes);
    }
}

/// <summary>
/// A name added to a folder, for something new. A name that the folder has already comes to lead to the new thing.
/// </summary>
internal sealed record NameEffect(long Folder, string Name, MemoryNode Fresh) : MemoryEffect
{
    public override void Apply(MemoryTree tree) => tree.Put(Folder, Name, tree.Adopt(Fresh).Id);
}

/// <summary>A name taken out of a folder.</summary>
internal sealed record UnnameEffect(long Folder, string Name) : MemoryEffect
{
    public override void Apply(MemoryTree tree) => tree.Take(Folder, Name);
}

/// <summary>A name that moved. Both happen or neither does: every journaling file system keeps that much.</summary>
internal sealed record RenameEffect(long FromFolder, string From, long ToFolder, string To, long Node) : MemoryEffect
{
    public override void Apply(MemoryTree tree)
    {
        tree.Take(FromFolder, From);
        tree.Put(ToFolder, To, Node);
    }
}

/// <summary>
/// A promise: what was done before it to one file, one folder's names, or a whole volume, is durable.
/// </summary>
internal sealed record FlushEffect(long? File, long? Folder, string? Volume) : MemoryEffect
{
    public override void Apply(MemoryTree tree) { }
}

/// <summary>One operation of the seam and what it changed.</summary>
internal sealed record MemoryStep(string Operation, string Path, IReadOnlyList<MemoryEffect> Effects)
{
    public override string ToString() => Operation + " " + Path;
}
