using System;

namespace HyperVBackup.Files;

/// <summary>Reads a block file at any position through one buffer.</summary>
internal sealed class BufferedReader : IDisposable
{
    private readonly IBlockFile _file;
    private readonly AlignedBuffer _buffer = new(256 * 1024);
    private long _first;
    private int _held;

    /// <summary>A reader that owns the file from now on: also where it cannot be made, the file is closed.</summary>
    public BufferedReader(IBlockFile file)
    {
        _file = file;
        try
        {
            Length = file.Stat().Size;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes in the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Reads up to <paramref name="count"/> bytes; fewer only at the end of the file.</summary>
    public int Read(long offset, byte[] into, int start, int count)
    {
        var done = 0;
        while (done < count)
        {
            var at = offset + done;
            if (at < _first || at >= _first + _held)
            {
                _first = at & ~(AlignedBuffer.Alignment - 1L);
                _held = _file.Read(_first, _buffer, 0, _buffer.Size);
                if (at >= _first + _held)
                    break;
            }

            var from = (int)(at - _first);
            var part = Math.Min(count - done, _held - from);
            Buffer.BlockCopy(_buffer.Bytes, _buffer.First + from, into, start + done, part);
            done += part;
        }

        return done;
    }

    public void Dispose()
    {
        _file.Dispose();
        _buffer.Dispose();
    }
}
