using System;

namespace HyperVBackup.Files;

/// <summary>
/// An open file that is read and written at offsets, from several threads at once. Implementations may bypass the
/// system's cache (O_DIRECT, FILE_FLAG_NO_BUFFERING); callers need not care: any offset and count works, aligned ones
/// are fast.
/// </summary>
public interface IBlockFile : IDisposable
{
    /// <summary>The metadata of the open file, whatever its name is by now.</summary>
    FileEntry Stat();

    /// <summary>Reads until <paramref name="count"/> bytes are there or the file ends; returns how many.</summary>
    int Read(long offset, AlignedBuffer buffer, int start, int count);

    /// <summary>Writes all of it, extending the file where needed.</summary>
    void Write(long offset, AlignedBuffer buffer, int start, int count);

    /// <summary>Cuts or extends the file; what is added reads as zero.</summary>
    void SetLength(long length);

    /// <summary>
    /// Whether the file system writes zeroes itself into what a write leaves out behind the last byte that was ever
    /// written, as NTFS and ReFS do up to a file's valid data length
    /// (FILE_VALID_DATA_LENGTH_INFORMATION, Microsoft Learn). Then a new file is best written from front to back.
    /// </summary>
    bool FillsGaps { get; }

    /// <summary>
    /// Makes a range read as zero without sending zeroes through memory: by punching a hole, or FSCTL_SET_ZERO_DATA.
    /// The range must lie inside the file. False: not possible here, write zeroes instead.
    /// </summary>
    bool TryZero(long offset, long count);

    /// <summary>
    /// Whether the file system marks the file as sparse (FILE_ATTRIBUTE_SPARSE_FILE, [MS-FSCC] 2.6). Null: it has no
    /// such mark, or sets it for nobody who does not ask, as Windows does (FSCTL_SET_SPARSE, which is called nowhere).
    /// </summary>
    bool? IsMarkedSparse();

    /// <summary>
    /// Asks for that mark to be taken off. True: the file system has nothing against it, and the mark goes now or with
    /// the last hole. False: not from this file.
    /// </summary>
    bool TryUnmarkSparse();

    /// <summary>
    /// The next range at or after <paramref name="offset"/> that may hold data; everything before it, from
    /// <paramref name="offset"/> on, reads as zero.
    /// False: nothing but zeroes follows. A file system that cannot tell answers with the whole rest of the file.
    /// </summary>
    bool NextData(long offset, out long start, out long end);

    /// <summary>
    /// As <see cref="IFileSystem.SetMetadata"/>, for the open file. The last thing done to it before it is flushed and
    /// closed.
    /// </summary>
    void SetMetadata(FileEntry like);

    /// <summary>Returns when data and length are on the medium (fsync, FlushFileBuffers).</summary>
    void Flush();
}
