using System;
using System.Runtime.InteropServices;
using System.Threading;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// A file by descriptor. When opened direct there is a second, buffered descriptor for what O_DIRECT does not take:
/// counts and offsets off the grid.
/// Both may be used on one file as long as they touch different pages, which whole-block I/O guarantees (open(2),
/// O_DIRECT notes).
/// </summary>
internal sealed unsafe class PosixBlockFile : IBlockFile
{
    private const int SlowestAlignment = AlignedBuffer.Alignment - 1;
    private readonly PosixFileSystem _files;
    private readonly string _path;
    private readonly int _direct;
    private readonly int _buffered;
    private int _directRefused;
    private int _closed;

    public PosixBlockFile(PosixFileSystem files, string path, int buffered, int direct)
    {
        _files = files;
        _path = path;
        _buffered = buffered;
        _direct = direct;
    }

    public bool FillsGaps => false;

    public FileEntry Stat()
    {
        // A store through a mapping moves the times only when its page is clean: so pages are written out first, and
        // the next store shows (sync_file_range(2); the
        // kernel protects what it writes out). Nothing is flushed, and a file without such pages costs nothing. What
        // fails here, reading meets as well.
        _ = sync_file_range(_buffered, 0, 0, WriteOut);
        Statx stat;
        byte nothing = 0;
        // Past what the kernel remembers of files on other machines and in FUSE; local file systems take no notice of
        // it (statx(2)).
        if (statx(_buffered, &nothing, AtEmptyPath | AtForceSync, StatxBasicAndBirth, &stat) != 0)
            throw PosixErrors.Last(_path, "read its metadata");
        return PosixAcl.Heed(PosixFileSystem.ToEntry(PathOf.Leaf(_path), stat), _buffered);
    }

    public int Read(long offset, AlignedBuffer buffer, int start, int count)
    {
        Require(buffer, start, count);
        var done = 0;
        while (done < count)
        {
            var at = offset + done;
            // A direct read past the end comes back short: so the tail is asked for rounded up, where the buffer has
            // room.
            var rounded = (count - done + SlowestAlignment) & ~SlowestAlignment;
            var fits = start + done + rounded <= buffer.Size;
            var direct = UseDirect(at, start + done) && (fits || (count - done & SlowestAlignment) == 0);
            var got = direct
                ? pread(_direct, buffer.Pointer + start + done, rounded, at)
                : pread(_buffered, buffer.Pointer + start + done, count - done, at);
            if (got < 0)
            {
                var errno = Marshal.GetLastWin32Error();
                if (errno == PosixErrors.Interrupted)
                    continue;
                if (direct && errno == PosixErrors.InvalidArgument)
                {
                    _directRefused = 1;
                    continue;
                }

                throw PosixErrors.Of(errno, _path, "read");
            }

            if (got == 0)
                break;
            done += (int)Math.Min(got, count - done);
        }

        return done;
    }

    public void Write(long offset, AlignedBuffer buffer, int start, int count)
    {
        Require(buffer, start, count);
        var done = 0;
        while (done < count)
        {
            var at = offset + done;
            var whole = (count - done) & ~SlowestAlignment;
            var direct = whole > 0 && UseDirect(at, start + done);
            var put = direct
                ? pwrite(_direct, buffer.Pointer + start + done, whole, at)
                : pwrite(_buffered, buffer.Pointer + start + done, count - done, at);
            if (put < 0)
            {
                var errno = Marshal.GetLastWin32Error();
                if (errno == PosixErrors.Interrupted)
                    continue;
                if (direct && errno == PosixErrors.InvalidArgument)
                {
                    _directRefused = 1;
                    continue;
                }

                throw PosixErrors.Of(errno, _path, "write");
            }

            done += (int)put;
        }
    }

    public void SetLength(long length)
    {
        if (ftruncate(_buffered, length) != 0)
            throw PosixErrors.Last(_path, "set its length");
    }

    public bool TryZero(long offset, long count) => fallocate(_buffered, PunchHole | KeepSize, offset, count) == 0;

    public bool? IsMarkedSparse() => PosixSparseMark.Of(_buffered);

    public bool TryUnmarkSparse() => PosixSparseMark.TryClear(_buffered);

    public bool NextData(long offset, out long start, out long end)
    {
        const int noSuchOffset = 6; // ENXIO: no data at or after the offset (lseek(2)).
        start = lseek(_buffered, offset, SeekData);
        end = 0;
        if (start < 0)
        {
            if (Marshal.GetLastWin32Error() == noSuchOffset)
                return false;
            start = offset;
            end = long.MaxValue;
            return true;
        }

        end = lseek(_buffered, start, SeekHole);
        if (end < 0)
            end = long.MaxValue;
        return true;
    }

    public void SetMetadata(FileEntry like) => PosixMetadata.Set(_buffered, _path, like);

    /// <summary>
    /// Lets the system's cache forget what it holds of the file, after writing what is still to be written.
    /// </summary>
    public void ForgetCached()
    {
        // Either may be refused, by a read-only or a strange file system: then there is nothing to write, or nothing to
        // forget.
        _ = fdatasync(_buffered);
        _ = posix_fadvise(_buffered, 0, 0, AdviseDontNeed);
    }

    public void Flush()
    {
        if (fsync(_buffered) != 0)
            throw PosixErrors.Last(_path, "flush");
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        if (_direct >= 0)
            close(_direct);
        close(_buffered);
    }

    private bool UseDirect(long offset, int start) =>
        _direct >= 0 && _directRefused == 0 && ((offset | (long)start) & SlowestAlignment) == 0;

    private static void Require(AlignedBuffer buffer, int start, int count)
    {
        if (start < 0 || count < 0 || start > buffer.Size - count)
            throw new ArgumentOutOfRangeException(nameof(count));
    }
}
