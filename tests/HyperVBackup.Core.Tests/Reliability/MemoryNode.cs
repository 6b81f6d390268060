using System;
using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A file, folder or link in memory. Content is kept in pages that are never changed once they are there, only
/// replaced: so copies of a whole tree share them,
/// and a thousand crashed disks cost what differs.
/// </summary>
internal sealed class MemoryNode
{
    public const int PageSize = 4096;
    private static readonly byte[] NoPage = new byte[PageSize];
    private readonly HashSet<long> _shared = new();

    public required long Id { get; init; }

    public required EntryKind Kind { get; init; }

    public required string Volume { get; init; }

    public long Size { get; private set; }

    public FileTime Modified { get; set; }

    public FileTime Changed { get; set; }

    public FileTime Created { get; set; }

    public uint Attributes { get; set; }

    public uint Owner { get; set; }

    public uint Group { get; set; }

    public string? LinkTarget { get; init; }

    public LinkKind LinkKind { get; init; }

    /// <summary>How many names lead here.</summary>
    public int Links { get; set; }

    public Dictionary<long, byte[]> Pages { get; } = new();

    public Dictionary<string, long> Children { get; } = new(StringComparer.Ordinal);

    public MemoryNode Copy()
    {
        var copy = new MemoryNode
        {
            Id = Id,
            Kind = Kind,
            Volume = Volume,
            Size = Size,
            Modified = Modified,
            Changed = Changed,
            Created = Created,
            Attributes = Attributes,
            Owner = Owner,
            Group = Group,
            LinkTarget = LinkTarget,
            LinkKind = LinkKind,
            Links = Links,
        };
        foreach (var page in Pages)
            copy.Pages.Add(page.Key, page.Value);
        foreach (var child in Children)
            copy.Children.Add(child.Key, child.Value);
        return copy;
    }

    public FileEntry ToEntry(string name, ulong volume) =>
        new()
        {
            Name = name,
            Kind = Kind,
            Size = Kind == EntryKind.File ? Size : 0,
            AllocatedBytes = Pages.Count * (long)PageSize,
            Modified = Modified,
            Changed = Changed,
            Created = Created,
            Attributes = Attributes,
            Owner = Owner,
            Group = Group,
            LinkCount = (uint)Math.Max(1, Links),
            Volume = volume,
            FileId = (ulong)Id,
            LinkTarget = LinkTarget,
            LinkKind = LinkKind,
        };

    public int Read(long offset, byte[] into, int start, int count)
    {
        count = (int)Math.Max(0, Math.Min(count, Size - offset));
        for (var done = 0; done < count; )
        {
            var (page, at) = (Math.DivRem(offset + done, PageSize, out var rest), (int)rest);
            var part = Math.Min(count - done, PageSize - at);
            Buffer.BlockCopy(Pages.TryGetValue(page, out var bytes) ? bytes : NoPage, at, into, start + done, part);
            done += part;
        }

        return count;
    }

    /// <summary>Pages that a write would have to allocate.</summary>
    public int PagesNeeded(long offset, long count)
    {
        var needed = 0;
        for (var page = offset / PageSize; page * PageSize < offset + count; page++)
            if (!Pages.ContainsKey(page) || _shared.Contains(page))
                needed++;
        return needed;
    }

    public void Write(long offset, byte[] from, int start, int count)
    {
        for (var done = 0; done < count; )
        {
            var (page, at) = (Math.DivRem(offset + done, PageSize, out var rest), (int)rest);
            var part = Math.Min(count - done, PageSize - at);
            var bytes = new byte[PageSize];
            if (part < PageSize && Pages.TryGetValue(page, out var old))
                Buffer.BlockCopy(old, 0, bytes, 0, PageSize);
            Buffer.BlockCopy(from, start + done, bytes, at, part);
            Pages[page] = bytes;
            _shared.Remove(page);
            done += part;
        }

        Size = Math.Max(Size, offset + count);
    }

    /// <summary>Makes a page the same as that of another file, until either is written.</summary>
    public void Share(long page, byte[] bytes)
    {
        Pages[page] = bytes;
        _shared.Add(page);
    }

    public void SetLength(long length)
    {
        if (length < Size)
        {
            var last = length / PageSize;
            foreach (var page in new List<long>(Pages.Keys))
                if (page * PageSize >= length)
                    Pages.Remove(page);
            if (length % PageSize != 0 && Pages.TryGetValue(last, out var bytes))
                Pages[last] = Cut(bytes, (int)(length % PageSize));
        }

        Size = length;
    }

    public void Zero(long offset, long count)
    {
        foreach (var page in new List<long>(Pages.Keys))
        {
            var from = Math.Max(offset, page * PageSize);
            var to = Math.Min(offset + count, (page + 1) * PageSize);
            if (from >= to)
                continue;
            if (to - from == PageSize)
            {
                Pages.Remove(page);
                continue;
            }

            var bytes = (byte[])Pages[page].Clone();
            Array.Clear(bytes, (int)(from % PageSize), (int)(to - from));
            Pages[page] = bytes;
        }
    }

    public bool NextData(long offset, out long start, out long end)
    {
        (start, end) = (0, 0);
        var page = offset / PageSize;
        while (page * PageSize < Size && !Pages.ContainsKey(page))
            page++;
        if (page * PageSize >= Size)
            return false;
        start = Math.Max(offset, page * PageSize);
        while (page * PageSize < Size && Pages.ContainsKey(page))
            page++;
        end = Math.Min(Size, page * PageSize);
        return true;
    }

    private static byte[] Cut(byte[] page, int keep)
    {
        var bytes = new byte[PageSize];
        Buffer.BlockCopy(page, 0, bytes, 0, keep);
        return bytes;
    }
}
