using System;
using System.Collections.Generic;
using HyperVBackup.Disks;

namespace HyperVBackup.Tests.Disks;

/// <summary>
/// A file of any claimed length that is mostly one byte value, as a sparse or made-up one can be; counts what is read.
/// </summary>
internal sealed class SparseSource(long length, byte filler = 0) : IDiskSource
{
    private readonly List<(long Offset, byte[] Bytes)> _parts = new();

    public long Length { get; } = length;

    public long BytesRead { get; private set; }

    public SparseSource With(long offset, byte[] bytes)
    {
        _parts.Add((offset, bytes));
        return this;
    }

    public int Read(long offset, byte[] buffer, int start, int count)
    {
        count = (int)Math.Min(count, Math.Max(0, Length - offset));
        BytesRead += count;
        buffer.AsSpan(start, count).Fill(filler);
        foreach (var (at, bytes) in _parts)
        {
            var first = Math.Max(at, offset);
            var end = Math.Min(at + bytes.Length, offset + count);
            if (first < end)
                Buffer.BlockCopy(bytes, (int)(first - at), buffer, start + (int)(first - offset), (int)(end - first));
        }

        return count;
    }
}
