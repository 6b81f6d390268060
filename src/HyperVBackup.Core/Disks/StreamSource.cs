using System.IO;

namespace HyperVBackup.Disks;

/// <summary>A seekable stream as a source. The stream stays the caller's. Not for several threads at once.</summary>
internal sealed class StreamSource : IDiskSource
{
    private readonly Stream _stream;

    /// <summary>Wraps a seekable stream; its length is taken now.</summary>
    public StreamSource(Stream stream)
    {
        _stream = stream;
        Length = stream.Length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int Read(long offset, byte[] buffer, int start, int count)
    {
        _stream.Position = offset;
        var done = 0;
        while (done < count)
        {
            var read = _stream.Read(buffer, start + done, count - done);
            if (read == 0)
                break;
            done += read;
        }

        return done;
    }
}
