using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Files;

namespace HyperVBackup.Mirroring;

/// <summary>What was done to one target folder. Several threads count.</summary>
internal sealed class MirrorTally
{
    private long _files;
    private long _bytes;
    private long _copied;
    private long _unchanged;
    private long _written;
    private long _deleted;

    /// <summary>Files the folder now holds.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>Their bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Files that are new or were changed.</summary>
    public long FilesCopied => Interlocked.Read(ref _copied);

    /// <summary>Files found as they should be.</summary>
    public long FilesUnchanged => Interlocked.Read(ref _unchanged);

    /// <summary>Bytes of content written.</summary>
    public long BytesWritten => Interlocked.Read(ref _written);

    /// <summary>Files, links and folders removed.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    public void CountFile(long bytes, bool changed)
    {
        Interlocked.Increment(ref _files);
        Sizes.Add(ref _bytes, bytes);
        if (changed)
            Interlocked.Increment(ref _copied);
        else
            Interlocked.Increment(ref _unchanged);
    }

    public void CountWritten(long bytes) => Sizes.Add(ref _written, bytes);

    public void CountDeleted() => Interlocked.Increment(ref _deleted);
}
