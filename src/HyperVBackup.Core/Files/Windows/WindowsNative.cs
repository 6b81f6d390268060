using System;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// The calls of kernel32 and advapi32 that the Windows file system needs, as their pages on Microsoft Learn give them.
/// </summary>
internal static unsafe partial class WindowsNative
{
    // Access rights.
    public const uint GenericRead = 0x8000_0000;
    public const uint GenericWrite = 0x4000_0000;
    public const uint Delete = 0x0001_0000;
    public const uint ReadAttributes = 0x80;
    public const uint WriteAttributes = 0x100;
    public const uint ListDirectory = 1;
    public const uint ReadControl = 0x0002_0000;

    // Sharing; creation; flags of CreateFile.
    public const uint ShareAll = 7;
    public const uint CreateNew = 1;
    public const uint OpenExisting = 3;
    public const uint OpenReparsePoint = 0x0020_0000;
    public const uint BackupSemantics = 0x0200_0000;
    public const uint NoBuffering = 0x2000_0000;
    public const uint OverlappedRequests = 0x4000_0000;

    // FILE_ATTRIBUTE_*.
    public const uint AttributeReadOnly = 0x1;
    public const uint AttributeDirectory = 0x10;
    public const uint AttributeNormal = 0x80;
    public const uint AttributeSparse = 0x200;
    public const uint AttributeReparsePoint = 0x400;
    public const uint AttributeCompressed = 0x800;
    public const uint AttributeEncrypted = 0x4000;

    // FILE_INFO_BY_HANDLE_CLASS.
    public const int FileBasicInfo = 0;
    public const int FileStandardInfo = 1;
    public const int FileEndOfFileInfo = 6;
    public const int FileCompressionInfo = 8;
    public const int FileAttributeTagInfo = 9;
    public const int FileIdBothDirectoryInfo = 10;
    public const int FileIdBothDirectoryRestartInfo = 11;
    public const int FileIdInfo = 18;
    public const int FileDispositionInfoEx = 21;
    public const int FileRenameInfoEx = 22;

    // Control codes.
    public const uint GetReparsePoint = 0x0009_00A8;
    public const uint SetReparsePoint = 0x0009_00A4;
    public const uint SetCompression = 0x0009_C040;
    public const uint QueryAllocatedRanges = 0x0009_40CF;
    public const uint SetZeroData = 0x0009_80C8;
    public const uint DuplicateExtents = 0x0009_8344;
    public const uint GetIntegrity = 0x0009_027C;
    public const uint SetIntegrity = 0x0009_C280;
    public const uint GetVolumeDiskExtents = 0x0056_0000;
    public const uint GetDeviceNumber = 0x002D_1080;

    // Flags of GetVolumeInformation.
    public const uint VolumeIsReadOnly = 0x0008_0000;
    public const uint VolumeSharesBlocks = 0x0800_0000;

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern uint GetFinalPathNameByHandleW(SafeFileHandle file, char* path, uint size, uint form);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern SafeFileHandle CreateFileW(
        string path,
        uint access,
        uint share,
        void* security,
        uint creation,
        uint flags,
        IntPtr template
    );

    [DllImport("kernel32", SetLastError = true)]
    public static extern SafeFileHandle ReOpenFile(SafeFileHandle original, uint access, uint share, uint flags);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool ReadFile(SafeFileHandle file, byte* buffer, int count, out int done, Overlapped* at);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool WriteFile(SafeFileHandle file, byte* buffer, int count, out int done, Overlapped* at);

    [DllImport("kernel32", EntryPoint = "ReadFile", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool ReadFileOverlapped(
        SafeFileHandle file,
        byte* buffer,
        int count,
        int* done,
        Overlapped* request
    );

    [DllImport("kernel32", EntryPoint = "WriteFile", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool WriteFileOverlapped(
        SafeFileHandle file,
        byte* buffer,
        int count,
        int* done,
        Overlapped* request
    );

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetOverlappedResult(
        SafeFileHandle file,
        Overlapped* request,
        out int done,
        [MarshalAs(UnmanagedType.Bool)] bool wait
    );

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool FlushFileBuffers(SafeFileHandle file);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetFileInformationByHandleEx(SafeFileHandle file, int which, void* buffer, int size);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetFileInformationByHandle(SafeFileHandle file, HandleInfo* info);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool SetFileInformationByHandle(SafeFileHandle file, int which, void* buffer, int size);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool DeviceIoControl(
        SafeFileHandle file,
        uint code,
        void* input,
        int inputSize,
        void* output,
        int outputSize,
        out int returned,
        IntPtr overlapped
    );

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool CreateDirectoryW(string path, SecurityAttributes* security);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool RemoveDirectoryW(string path);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool DeleteFileW(string path);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool MoveFileExW(string from, string to, uint flags);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static extern bool CreateSymbolicLinkW(string path, string target, uint flags);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetVolumePathNameW(string path, [Out] char[] root, int length);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetVolumeNameForVolumeMountPointW(string root, [Out] char[] name, int length);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetVolumeInformationByHandleW(
        SafeFileHandle file,
        [Out] char[]? label,
        int labelLength,
        out uint serial,
        out uint longestName,
        out uint flags,
        [Out] char[]? fileSystem,
        int fileSystemLength
    );

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetDiskFreeSpaceExW(string root, out long available, out long total, out long free);

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetDiskFreeSpaceW(
        string root,
        out uint sectorsPerCluster,
        out uint bytesPerSector,
        out uint freeClusters,
        out uint clusters
    );

    [DllImport("kernel32")]
    public static extern uint GetErrorMode();

    [DllImport("kernel32")]
    public static extern uint SetErrorMode(uint mode);

    [DllImport("kernel32")]
    public static extern IntPtr GetCurrentProcess();

    [DllImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool CloseHandle(IntPtr handle);

    [DllImport("kernel32")]
    public static extern IntPtr LocalFree(IntPtr memory);

    [DllImport("advapi32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool DecryptFileW(string path, uint reserved);

    [DllImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool OpenProcessToken(IntPtr process, uint access, out IntPtr token);

    [DllImport("advapi32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool LookupPrivilegeValueW(string? system, string name, out long id);

    [DllImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool AdjustTokenPrivileges(
        IntPtr token,
        [MarshalAs(UnmanagedType.Bool)] bool disableAll,
        TokenPrivilege* wanted,
        int size,
        void* before,
        void* beforeSize
    );

    [DllImport("advapi32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool ConvertStringSecurityDescriptorToSecurityDescriptorW(
        string sddl,
        uint revision,
        out IntPtr descriptor,
        out uint size
    );

    [DllImport("advapi32")]
    public static extern int GetSecurityInfo(
        SafeFileHandle file,
        int kindOfObject,
        uint what,
        out byte* owner,
        void* group,
        out byte* accessList,
        void* auditList,
        out IntPtr descriptor
    );

    [DllImport("advapi32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool ConvertSidToStringSidW(byte* sid, out IntPtr text);

    [DllImport("advapi32", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool LookupAccountSidW(
        string? system,
        byte* sid,
        [Out] char[] name,
        ref int nameLength,
        [Out] char[] domain,
        ref int domainLength,
        out int kind
    );

    [DllImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool GetTokenInformation(IntPtr token, int which, byte* buffer, int size, out int needed);
}
