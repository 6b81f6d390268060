using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// An open file on Windows. Opened direct, whole aligned blocks bypass the cache, the requests of several threads side
/// by side; reads that are not aligned go
/// through a block of our own, writes that are not through a handle with cache (NTFS and ReFS keep the two coherent).
/// </summary>
internal sealed unsafe class WindowsBlockFile : IBlockFile
{
    private const int Alignment = AlignedBuffer.Alignment;
    private const int BounceBytes = 64 * 1024;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly uint _access;
    private readonly bool _openedDirect;
    private readonly bool _tellsHoles;
    private readonly object _opening = new();
    private readonly WindowsParallelHandle? _parallel;
    private SafeFileHandle? _cached;
    private volatile bool _direct;

    /// <summary>Takes over an open handle.</summary>
    /// <param name="file">The handle.</param>
    /// <param name="path">Its path, for failures and for opening it again.</param>
    /// <param name="access">The access it was opened with.</param>
    /// <param name="direct">Whether it was opened without buffering.</param>
    public WindowsBlockFile(SafeFileHandle file, string path, uint access, bool direct)
    {
        _file = file;
        _path = path;
        _access = access;
        _openedDirect = _direct = direct;

        // Beneath a filter driver (deduplication, WOF, cloud) the file itself may be one hole while its content is
        // elsewhere.
        Attributes = WindowsEntry.Query<BasicInfo>(file, FileBasicInfo, path).Attributes;
        _tellsHoles = (Attributes & AttributeReparsePoint) == 0;
        if (direct)
            _parallel = WindowsParallelHandle.TryOpen(file, access, path);
    }

    /// <summary>All its FILE_ATTRIBUTE_* bits when it was opened.</summary>
    internal uint Attributes { get; }

    /// <summary>Whether the cache is bypassed.</summary>
    internal bool IsDirect => _direct;

    /// <summary>Whether requests that bypass the cache run side by side.</summary>
    internal bool IsParallel => _parallel != null;

    /// <inheritdoc/>
    public bool FillsGaps => true;

    /// <inheritdoc/>
    public FileEntry Stat() => WindowsEntry.Read(_file, PathOf.Leaf(_path), _path);

    /// <inheritdoc/>
    public void SetMetadata(FileEntry like) => WindowsEntry.SetLike(_file, like, _path);

    /// <inheritdoc/>
    public int Read(long offset, AlignedBuffer buffer, int start, int count)
    {
        CheckRange(buffer, start, count);
        var done = 0;
        while (done < count)
        {
            var at = offset + done;
            var destination = buffer.Pointer + start + done;
            var left = count - done;
            int got;
            if (!_direct)
                got = ReadOnce(_cached ?? _file, at, destination, left);
            else if (left >= Alignment && at % Alignment == 0 && (long)destination % Alignment == 0)
                got = ReadOnce(_file, at, destination, left - left % Alignment);
            else
                got = ReadThroughBounce(at, destination, left);
            if (got == 0)
                break;
            if (got > 0)
                done += got;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Write(long offset, AlignedBuffer buffer, int start, int count)
    {
        CheckRange(buffer, start, count);
        while (count > 0)
        {
            var source = buffer.Pointer + start;
            var isAligned = offset % Alignment == 0 && (long)source % Alignment == 0 && count >= Alignment;
            var done =
                !_direct ? WriteOnce(_cached ?? _file, offset, source, count)
                : isAligned ? WriteOnce(_file, offset, source, count - count % Alignment)
                : WriteOnce(Cached(), offset, source, count);
            if (done < 0)
                continue;
            offset += done;
            start += done;
            count -= done;
        }
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        if (!SetFileInformationByHandle(_file, FileEndOfFileInfo, &length, sizeof(long)))
            throw WindowsErrors.Last(
                _path,
                "set the length to " + length.ToString(System.Globalization.CultureInfo.InvariantCulture)
            );
    }

    /// <inheritdoc/>
    public bool TryZero(long offset, long count)
    {
        if (count == 0)
            return true;

        // It makes a hole only in a file that is sparse already; in any other it writes zeroes, so nothing becomes
        // sparse by it.
        var range = new ZeroRange { Start = offset, End = offset + count };
        if (DeviceIoControl(_file, SetZeroData, &range, sizeof(ZeroRange), null, 0, out _, IntPtr.Zero))
            return true;
        var error = Marshal.GetLastWin32Error();
        return WindowsErrors.MeansUnsupported(error) ? false : throw WindowsErrors.Of(error, _path, "zero a range");
    }

    /// <inheritdoc/>
    public bool? IsMarkedSparse() => null;

    /// <inheritdoc/>
    public bool TryUnmarkSparse() => false;

    /// <inheritdoc/>
    public bool NextData(long offset, out long start, out long end)
    {
        start = end = 0;
        var size = WindowsEntry.Query<StandardInfo>(_file, FileStandardInfo, _path).EndOfFile;
        if (offset >= size)
            return false;
        start = offset;
        end = size;
        if (!_tellsHoles)
            return true;

        var asked = new AllocatedRange { Start = offset, Length = size - offset };
        AllocatedRange first;
        var known = DeviceIoControl(
            _file,
            QueryAllocatedRanges,
            &asked,
            sizeof(AllocatedRange),
            &first,
            sizeof(AllocatedRange),
            out var returned,
            IntPtr.Zero
        );
        if (!known)
        {
            var error = Marshal.GetLastWin32Error();
            if (WindowsErrors.MeansUnsupported(error))
                return true;
            if (error != WindowsErrors.MoreData)
                throw WindowsErrors.Of(error, _path, "find the allocated ranges");
        }

        if (returned < sizeof(AllocatedRange))
            return false;
        start = Math.Max(offset, first.Start);
        end = Math.Min(size, first.Start + first.Length);
        return start < end;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        // It flushes the file, whichever handle wrote.
        if (!FlushFileBuffers(_file))
            throw WindowsErrors.Last(_path, "flush");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cached?.Dispose();
        _parallel?.Dispose();
        _file.Dispose();
    }

    /// <summary>Takes the compressed attribute away that the folder passed on.</summary>
    internal void Uncompress()
    {
        ushort none = 0; // COMPRESSION_FORMAT_NONE
        if (!DeviceIoControl(_file, SetCompression, &none, sizeof(ushort), null, 0, out _, IntPtr.Zero))
            throw WindowsErrors.Last(_path, "turn off compression");
    }

    // The bytes read, 0 at the end of the file, -1 when the same must be tried again with the cache.
    private int ReadOnce(SafeFileHandle file, long offset, byte* buffer, int count)
    {
        var error = Request(file, false, offset, buffer, count, out var done);
        if (error == 0)
            return done;
        if (error == WindowsErrors.HandleEof)
            return 0;
        if (GiveUpDirect(file, error))
            return -1;
        throw WindowsErrors.Of(
            error,
            _path,
            "read at byte " + offset.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    private int WriteOnce(SafeFileHandle file, long offset, byte* buffer, int count)
    {
        var error = Request(file, true, offset, buffer, count, out var done);
        if (error == 0 && done > 0)
            return done;
        if (GiveUpDirect(file, error))
            return -1;
        throw WindowsErrors.Of(
            error,
            _path,
            "write at byte " + offset.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    // 0, or the Win32 error.
    private int Request(SafeFileHandle file, bool writes, long offset, byte* buffer, int count, out int done)
    {
        if (_parallel != null && ReferenceEquals(file, _file))
            return writes
                ? _parallel.Write(offset, buffer, count, out done)
                : _parallel.Read(offset, buffer, count, out done);
        var at = At(offset);
        return (writes ? WriteFile(file, buffer, count, out done, &at) : ReadFile(file, buffer, count, out done, &at))
            ? 0
            : Marshal.GetLastWin32Error();
    }

    private int ReadThroughBounce(long offset, byte* destination, int count)
    {
        var before = (int)(offset % Alignment);
        using var bounce = new AlignedBuffer(
            (Math.Min(BounceBytes, before + count) + Alignment - 1) / Alignment * Alignment
        );
        var got = ReadOnce(_file, offset - before, bounce.Pointer, bounce.Size);
        if (got < 0)
            return got;
        var useful = Math.Max(0, Math.Min(count, got - before));
        Buffer.MemoryCopy(bounce.Pointer + before, destination, count, useful);
        return useful;
    }

    // Some file systems take FILE_FLAG_NO_BUFFERING and then refuse the transfer, or want larger sectors than 4096
    // bytes.
    private bool GiveUpDirect(SafeFileHandle file, int error)
    {
        if (error != WindowsErrors.InvalidParameter || !_openedDirect || !ReferenceEquals(file, _file))
            return false;
        Cached();
        _direct = false;
        return true;
    }

    private SafeFileHandle Cached()
    {
        lock (_opening)
        {
            if (_cached != null)
                return _cached;
            var again = ReOpenFile(_file, _access, ShareAll, BackupSemantics);
            if (again.IsInvalid)
                again = WindowsHandle.Open(_path, _access, "open a second time");
            if (WindowsEntry.IsSame(_file, again, _path))
                return _cached = again;
            again.Dispose();
            throw new BackupException(
                FailureKind.SourceChanged,
                _path,
                "open a second time",
                "another file has its name now"
            );
        }
    }

    private static Overlapped At(long offset) => new() { Offset = (uint)offset, OffsetHigh = (uint)(offset >> 32) };

    private static void CheckRange(AlignedBuffer buffer, int start, int count)
    {
        if (start < 0 || count < 0 || start > buffer.Size - count)
            throw new ArgumentOutOfRangeException(nameof(count), "The range lies outside the buffer.");
    }
}
