using System;
using System.Runtime.InteropServices;
using HyperVBackup.Files.Posix;

namespace HyperVBackup.Files;

/// <summary>
/// Memory that unbuffered I/O accepts: pinned, and starting at a multiple of 4096 bytes, the largest sector size in
/// use.
/// It is a part of a managed array because the hash functions of netstandard2.0 take arrays.
/// </summary>
public sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>Bytes; offsets and counts that are multiples of it can be read and written unbuffered.</summary>
    public const int Alignment = 4096;

    // x86-64, and AArch64 with pages of 4 KiB.
    private const int HugePage = 2 * 1024 * 1024;
    private GCHandle _pin;

    /// <summary>Allocates.</summary>
    /// <param name="size">Usable bytes.</param>
    public AlignedBuffer(int size)
    {
        var isHuge = !PathOf.IsWindows && size >= HugePage;
        var alignment = isHuge ? HugePage : Alignment;
        Bytes = new byte[size + alignment];
        _pin = GCHandle.Alloc(Bytes, GCHandleType.Pinned);
        var address = (long)_pin.AddrOfPinnedObject();
        First = (int)((alignment - address % alignment) % alignment);
        Pointer = (byte*)(address + First);
        Size = size;
        // Unbuffered I/O hands the disk a list of the pages in physical memory. A disk takes only so many entries at
        // once (virtio: 254), so that a read of 4 MiB becomes five requests
        // with pages of 4 KiB, and one with huge ones: twice the rate on a virtual disk. A wish only (madvise(2));
        // where it is not granted nothing is lost.
        if (isHuge)
            _ = PosixNative.madvise(Pointer, size / HugePage * HugePage, PosixNative.HugePages);
    }

    /// <summary>The array that holds the buffer; its usable part starts at <see cref="First"/>.</summary>
    public byte[] Bytes { get; }

    /// <summary>Index in <see cref="Bytes"/> of the first usable byte.</summary>
    public int First { get; }

    /// <summary>Usable bytes.</summary>
    public int Size { get; }

    /// <summary>Address of the first usable byte.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Unpins the memory. No I/O may be under way.</summary>
    public void Dispose()
    {
        if (!_pin.IsAllocated)
            return;
        Pointer = null;
        _pin.Free();
    }
}
