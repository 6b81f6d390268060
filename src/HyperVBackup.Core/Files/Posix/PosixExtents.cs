using System;
using System.Runtime.InteropServices;

namespace HyperVBackup.Files.Posix;

/// <summary>Asks which blocks of a file others share (FS_IOC_FIEMAP, the kernel's filesystems/fiemap).</summary>
internal static unsafe class PosixExtents
{
    private const uint FsIocFiemap = 0xC020660B;
    private const int HeaderBytes = 32;
    private const int ExtentBytes = 56;
    private const int ExtentsAtOnce = 512;
    private const uint Last = 0x1;
    private const uint IsShared = 0x2000;

    /// <summary>The use of an open file's blocks; null where the file system does not tell.</summary>
    public static BlockUse? UseOf(int file)
    {
        var buffer = new byte[HeaderBytes + ExtentsAtOnce * ExtentBytes];
        long own = 0,
            shared = 0;
        ulong start = 0;
        fixed (byte* request = buffer)
        {
            while (true)
            {
                Array.Clear(buffer, 0, HeaderBytes);
                *(ulong*)request = start;
                *(ulong*)(request + 8) = ulong.MaxValue - start;
                *(uint*)(request + 24) = ExtentsAtOnce;
                if (PosixNative.ioctl(file, FsIocFiemap, (nint)request) != 0)
                    return null;
                var count = *(uint*)(request + 20);
                uint flags = 0;
                for (var i = 0; i < count; i++)
                {
                    var extent = request + HeaderBytes + i * ExtentBytes;
                    var length = *(ulong*)(extent + 16);
                    flags = *(uint*)(extent + 40);
                    start = *(ulong*)extent + length;
                    if ((flags & IsShared) != 0)
                        shared += (long)length;
                    else
                        own += (long)length;
                }

                if (count == 0 || (flags & Last) != 0)
                    return new BlockUse(own, shared);
            }
        }
    }
}
