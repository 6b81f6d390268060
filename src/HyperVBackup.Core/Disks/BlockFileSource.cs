using System;
using HyperVBackup.Files;

namespace HyperVBackup.Disks;

/// <summary>
/// An open <see cref="IBlockFile"/> as a source. The file stays the caller's; only the buffer is disposed of here. Not
/// for several threads at once.
/// </summary>
internal sealed class BlockFileSource : IDiskSource, IDisposable
{
    private readonly IBlockFile _file;
    private readonly AlignedBuffer _buffer;

    /// <summary>Wraps an open file; its length is taken now.</summary>
    public BlockFileSource(IBlockFile file, int bufferSize = 256 * 1024)
    {
        _file = file;
        Length = file.Stat().Size;
        _buffer = new AlignedBuffer(bufferSize);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int Read(long offset, byte[] buffer, int start, int count)
    {
        var done = 0;
        while (done < count)
        {
            // Aligned reads are the fast ones, so the window starts and ends on sector boundaries.
            var at = offset + done;
            var skip = (int)(at % AlignedBuffer.Alignment);
            var wanted = (long)skip + count - done;
            wanted += (AlignedBuffer.Alignment - wanted % AlignedBuffer.Alignment) % AlignedBuffer.Alignment;
            var read = _file.Read(at - skip, _buffer, 0, (int)Math.Min(wanted, _buffer.Size));
            var take = Math.Min(read - skip, count - done);
            if (take <= 0)
                break;
            Buffer.BlockCopy(_buffer.Bytes, _buffer.First + skip, buffer, start + done, take);
            done += take;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
