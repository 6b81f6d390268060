using System;
using System.Runtime.InteropServices;

namespace HyperVBackup.Files;

/// <summary>
/// Memory that unbuffered I/O accepts: pinned, and starting at a multiple of 4096 bytes, the largest sector size in use.
/// It is a part of a managed array because the hash functions of netstandard2.0 take arrays.
/// </summary>
public sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>Bytes; offsets and counts that are multiples of it can be read and written unbuffered.</summary>
    public const int Alignment = 4096;

    private GCHandle _pin;

    /// <summary>Allocates.</summary>
    /// <param name="size">Usable bytes.</param>
    public AlignedBuffer(int size)
    {
        Bytes = new byte[size + Alignment];
        _pin = GCHandle.Alloc(Bytes, GCHandleType.Pinned);
        var address = (long)_pin.AddrOfPinnedObject();
        First = (int)((Alignment - address % Alignment) % Alignment);
        Pointer = (byte*)(address + First);
        Size = size;
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
        if (!_pin.IsAllocated) return;
        Pointer = null;
        _pin.Free();
    }
}
