using System;
using System.Runtime.InteropServices;
using HyperVBackup.Sets;

namespace HyperVBackup.Files.Windows;

// The structures of those calls, as winbase.h, winnt.h and ntifs.h lay them out.
internal static unsafe partial class WindowsNative
{
    /// <summary>OVERLAPPED, of which a synchronous handle uses the offset alone.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Overlapped
    {
        public IntPtr Internal;
        public IntPtr InternalHigh;
        public uint Offset;
        public uint OffsetHigh;
        public IntPtr Event;
    }

    /// <summary>FILE_BASIC_INFO; in a set, 0 means "leave as it is".</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct BasicInfo
    {
        public long Created;
        public long Accessed;
        public long Modified;
        public long Changed;
        public uint Attributes;
        public uint Padding;
    }

    /// <summary>FILE_STANDARD_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StandardInfo
    {
        public long AllocationSize;
        public long EndOfFile;
        public uint Links;
        public byte DeletePending;
        public byte Directory;
        public ushort Padding;
    }

    /// <summary>FILE_COMPRESSION_INFO, of which only the size is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CompressionInfo
    {
        public long CompressedSize;
        public ulong Format;
    }

    /// <summary>FILE_ATTRIBUTE_TAG_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TagInfo
    {
        public uint Attributes;
        public uint ReparseTag;
    }

    /// <summary>FILE_ID_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IdInfo
    {
        public ulong Volume;
        public ulong IdLow;
        public ulong IdHigh;
    }

    /// <summary>BY_HANDLE_FILE_INFORMATION. The times are halves, so that the structure packs to 4 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct HandleInfo
    {
        public uint Attributes;
        public long Created;
        public long Accessed;
        public long Modified;
        public uint Volume;
        public uint SizeHigh;
        public uint SizeLow;
        public uint Links;
        public uint IdHigh;
        public uint IdLow;
    }

    /// <summary>The fixed part of FILE_ID_BOTH_DIR_INFO, 104 bytes; the name follows.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 104)]
    public struct DirectoryInfo
    {
        [FieldOffset(0)]
        public uint Next;

        [FieldOffset(8)]
        public long Created;

        [FieldOffset(24)]
        public long Modified;

        [FieldOffset(32)]
        public long Changed;

        [FieldOffset(40)]
        public long Size;

        [FieldOffset(48)]
        public long Allocated;

        [FieldOffset(56)]
        public uint Attributes;

        [FieldOffset(60)]
        public uint NameBytes;

        [FieldOffset(64)]
        public uint ReparseTag;

        [FieldOffset(96)]
        public ulong FileId;
    }

    /// <summary>FILE_ZERO_DATA_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ZeroRange
    {
        public long Start;
        public long End;
    }

    /// <summary>FILE_ALLOCATED_RANGE_BUFFER.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct AllocatedRange
    {
        public long Start;
        public long Length;
    }

    /// <summary>DUPLICATE_EXTENTS_DATA.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ExtentsToDuplicate
    {
        public IntPtr Source;
        public long SourceStart;
        public long TargetStart;
        public long Length;
    }

    /// <summary>
    /// FSCTL_GET_INTEGRITY_INFORMATION_BUFFER; its first three fields are FSCTL_SET_INTEGRITY_INFORMATION_BUFFER.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IntegrityInfo
    {
        public ushort Algorithm;
        public ushort Reserved;
        public uint Flags;
        public uint ChunkSize;
        public uint ClusterSize;
    }

    /// <summary>SECURITY_ATTRIBUTES.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SecurityAttributes
    {
        public int Length;
        public IntPtr Descriptor;
        public int InheritHandle;
    }

    /// <summary>TOKEN_PRIVILEGES with one entry; the LUID is 4-byte aligned.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct TokenPrivilege
    {
        public uint Count;
        public long Id;
        public uint Attributes;
    }
}
