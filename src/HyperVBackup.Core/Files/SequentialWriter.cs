using System;
using System.Security.Cryptography;

namespace HyperVBackup.Files;

/// <summary>Appends to a block file through a buffer, and hashes all that goes by.</summary>
internal sealed class SequentialWriter : IDisposable
{
    private readonly IBlockFile _file;
    private readonly AlignedBuffer _buffer = new(256 * 1024);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _flushed;
    private int _used;

    public SequentialWriter(IBlockFile file) => _file = file;

    /// <summary>Bytes written so far.</summary>
    public long Position => _flushed + _used;

    public void Write(byte[] bytes, int start, int count)
    {
        _hash.AppendData(bytes, start, count);
        while (count > 0)
        {
            var part = Math.Min(count, _buffer.Size - _used);
            Buffer.BlockCopy(bytes, start, _buffer.Bytes, _buffer.First + _used, part);
            _used += part;
            start += part;
            count -= part;
            if (_used == _buffer.Size)
                Drain();
        }
    }

    /// <summary>Writes what is buffered and returns when all is on the medium.</summary>
    /// <returns>SHA-256 of everything written.</returns>
    public byte[] Finish()
    {
        Drain();
        _file.Flush();
        return _hash.GetHashAndReset();
    }

    public void Dispose()
    {
        _file.Dispose();
        _buffer.Dispose();
        _hash.Dispose();
    }

    private void Drain()
    {
        if (_used == 0)
            return;
        _file.Write(_flushed, _buffer, 0, _used);
        _flushed += _used;
        _used = 0;
    }
}
