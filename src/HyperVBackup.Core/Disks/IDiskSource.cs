namespace HyperVBackup.Disks;

/// <summary>The bytes of a virtual disk's file, read at offsets. Nothing in this folder ever writes to one.</summary>
internal interface IDiskSource
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>
    /// Reads until <paramref name="count"/> bytes are there or the file ends; returns how many.
    /// I/O errors pass through as whatever the file behind it throws.
    /// </summary>
    int Read(long offset, byte[] buffer, int start, int count);
}
