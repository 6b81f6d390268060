using System;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Metadata of open files as <see cref="FileEntry"/>. It always comes from the file itself: what a folder's listing
/// says of size and times
/// may be older, as NTFS brings the listing up to date when a handle is closed, not when a file grows
/// ("FindFirstFileEx", remarks).
/// </summary>
internal static unsafe class WindowsEntry
{
    /// <summary>
    /// FILE_ATTRIBUTE_ READONLY, HIDDEN, SYSTEM, ARCHIVE and NOT_CONTENT_INDEXED: those that a copy has as well.
    /// </summary>
    public const uint CopiedAttributes = 0x1 | 0x2 | 0x4 | 0x20 | 0x2000;

    /// <summary>The entry of what is open.</summary>
    public static FileEntry Read(SafeFileHandle handle, string name, string path)
    {
        var basic = Query<BasicInfo>(handle, FileBasicInfo, path);
        var standard = Query<StandardInfo>(handle, FileStandardInfo, path);
        var tag =
            (basic.Attributes & AttributeReparsePoint) == 0
                ? 0
                : Query<TagInfo>(handle, FileAttributeTagInfo, path).ReparseTag;
        var kind = WindowsReparsePoint.KindOf(basic.Attributes, tag);
        var id = IdOf(handle, path);
        return new FileEntry
        {
            Name = name,
            Kind = kind,
            Size = kind == EntryKind.File ? standard.EndOfFile : 0,
            AllocatedBytes =
                kind == EntryKind.File ? AllocatedBytes(handle, basic.Attributes, standard.AllocationSize) : 0,
            Modified = Time(basic.Modified),
            Changed = Time(basic.Changed),
            Created = Time(basic.Created),
            Attributes = basic.Attributes & CopiedAttributes,
            LinkCount = Math.Max(1, standard.Links),
            Volume = id.Volume,
            FileId = id.IdLow,
            LinkTarget = kind == EntryKind.Link ? WindowsReparsePoint.ReadTarget(handle, path) : null,
            LinkKind = kind == EntryKind.Link ? WindowsReparsePoint.LinkKindOf(basic.Attributes, tag) : default,
        };
    }

    /// <summary>
    /// The entry as the folder's listing has it, for files that not even their metadata may be asked of (page files).
    /// </summary>
    public static FileEntry Read(in DirectoryInfo listed, string name, ulong volume)
    {
        var kind = WindowsReparsePoint.KindOf(listed.Attributes, listed.ReparseTag);
        return new FileEntry
        {
            Name = name,
            Kind = kind == EntryKind.Link ? EntryKind.Other : kind,
            Size = kind == EntryKind.File ? listed.Size : 0,
            AllocatedBytes = kind == EntryKind.File ? listed.Allocated : 0,
            Modified = Time(listed.Modified),
            Changed = Time(listed.Changed),
            Created = Time(listed.Created),
            Attributes = listed.Attributes & CopiedAttributes,
            Volume = volume,
            FileId = listed.FileId,
        };
    }

    /// <summary>
    /// The identity of what is open. Both halves of a 128-bit id (ReFS) are folded into <see cref="IdInfo.IdLow"/>.
    /// </summary>
    public static IdInfo IdOf(SafeFileHandle handle, string path)
    {
        IdInfo id;
        if (GetFileInformationByHandleEx(handle, FileIdInfo, &id, sizeof(IdInfo)))
        {
            id.IdLow ^= id.IdHigh * 0x9E37_79B9_7F4A_7C15;
            return id;
        }

        // FAT, and servers that speak an old SMB.
        HandleInfo info;
        if (!GetFileInformationByHandle(handle, &info))
            throw WindowsErrors.Last(path, "read the metadata");
        return new IdInfo { Volume = info.Volume, IdLow = ((ulong)info.IdHigh << 32) | info.IdLow };
    }

    /// <summary>Whether both handles are of one file.</summary>
    public static bool IsSame(SafeFileHandle one, SafeFileHandle other, string path)
    {
        var left = IdOf(one, path);
        var right = IdOf(other, path);
        return left.Volume == right.Volume && left.IdLow == right.IdLow;
    }

    /// <summary>GetFileInformationByHandleEx, or the failure.</summary>
    public static T Query<T>(SafeFileHandle handle, int which, string path)
        where T : unmanaged
    {
        T info;
        if (GetFileInformationByHandleEx(handle, which, &info, sizeof(T)))
            return info;
        throw WindowsErrors.Last(path, "read the metadata");
    }

    /// <summary>How failures name the setting of metadata.</summary>
    public const string SetOperation = "set times and attributes";

    /// <summary>Gives what is open the times and attributes of an entry, as far as copies get them.</summary>
    public static void SetLike(SafeFileHandle handle, FileEntry like, string path)
    {
        var attributes = like.Attributes & CopiedAttributes;
        var info = new BasicInfo
        {
            Created = like.Created == default ? 0 : Math.Max(0, like.Created.ToWindows()),
            Modified = Math.Max(0, like.Modified.ToWindows()),
            Attributes = attributes == 0 ? AttributeNormal : attributes,
        };
        Set(handle, info, path, SetOperation);
    }

    /// <summary>Sets times and attributes; 0 leaves one as it is.</summary>
    public static void Set(SafeFileHandle handle, BasicInfo info, string path, string operation)
    {
        if (!SetFileInformationByHandle(handle, FileBasicInfo, &info, sizeof(BasicInfo)))
            throw WindowsErrors.Last(path, operation);
    }

    // The allocation size of FILE_STANDARD_INFO counts reserved space; GetCompressedFileSize takes the other for these
    // two.
    private static long AllocatedBytes(SafeFileHandle handle, uint attributes, long reserved)
    {
        if ((attributes & (AttributeSparse | AttributeCompressed)) == 0)
            return reserved;
        CompressionInfo info;
        return GetFileInformationByHandleEx(handle, FileCompressionInfo, &info, sizeof(CompressionInfo))
            ? info.CompressedSize
            : reserved;
    }

    // File systems without a time stamp give 0.
    private static FileTime Time(long fileTime) => fileTime == 0 ? default : FileTime.FromWindows(fileTime);
}
