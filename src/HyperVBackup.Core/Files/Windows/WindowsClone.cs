using System;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Block clones ("Block Cloning on ReFS"): whole clusters, under 4 GiB per request, equal integrity streams and
/// sparseness on both sides.
/// </summary>
internal static unsafe class WindowsClone
{
    private const long LargestRequest = 1L << 30;

    /// <summary>Makes a file share all blocks of another; false, and no file, where the volume cannot.</summary>
    public static bool TryClone(string source, string destination)
    {
        var operation = "clone to " + destination;
        using var from = WindowsHandle.Open(source, GenericRead, operation);
        WindowsHandle.Require(from, EntryKind.File, source, operation);
        if (
            !GetVolumeInformationByHandleW(from, null, 0, out _, out _, out var flags, null, 0)
            || (flags & VolumeSharesBlocks) == 0
        )
            return false;

        // The copy must not be sparse, and a clone of a sparse file has to be. Nor can what a filter driver keeps
        // elsewhere be cloned.
        var attributes = WindowsEntry.Query<BasicInfo>(from, FileBasicInfo, source).Attributes;
        if ((attributes & (AttributeSparse | AttributeReparsePoint)) != 0)
            return false;
        var cluster = WindowsVolumes.ClusterSize(source);
        if (cluster == 0)
            return false;

        var size = WindowsEntry.Query<StandardInfo>(from, FileStandardInfo, source).EndOfFile;
        var native = WindowsPath.ToNative(destination, operation);
        var to =
            WindowsHandle.TryCreate(native, GenericRead | GenericWrite, CreateNew, OpenReparsePoint, out var error)
            ?? throw WindowsErrors.Of(error, destination, operation);
        using (to)
        {
            if (
                CopyIntegrity(from, to)
                && SetFileInformationByHandle(to, FileEndOfFileInfo, &size, sizeof(long))
                && Duplicate(from, to, size, cluster)
            )
                return true;
            error = Marshal.GetLastWin32Error();
        }

        DeleteFileW(native);
        if (WindowsErrors.MeansUnsupported(error) || error == WindowsErrors.BlockTooManyReferences)
            return false;
        throw WindowsErrors.Of(error, source, operation);
    }

    private static bool CopyIntegrity(SafeFileHandle from, SafeFileHandle to)
    {
        IntegrityInfo wanted,
            present;
        if (!DeviceIoControl(from, GetIntegrity, null, 0, &wanted, sizeof(IntegrityInfo), out _, IntPtr.Zero))
            return true;
        if (!DeviceIoControl(to, GetIntegrity, null, 0, &present, sizeof(IntegrityInfo), out _, IntPtr.Zero))
            return true;
        if (wanted.Algorithm == present.Algorithm && wanted.Flags == present.Flags)
            return true;
        const int setBytes = 8;
        wanted.Reserved = 0;
        return DeviceIoControl(to, SetIntegrity, &wanted, setBytes, null, 0, out _, IntPtr.Zero);
    }

    private static bool Duplicate(SafeFileHandle from, SafeFileHandle to, long size, long cluster)
    {
        var held = false;
        from.DangerousAddRef(ref held);
        try
        {
            // The last request may reach to the end of the last cluster.
            var end = (size + cluster - 1) / cluster * cluster;
            for (long at = 0; at < end; at += LargestRequest)
            {
                var range = new ExtentsToDuplicate
                {
                    Source = from.DangerousGetHandle(),
                    SourceStart = at,
                    TargetStart = at,
                    Length = Math.Min(LargestRequest, end - at),
                };
                if (
                    !DeviceIoControl(
                        to,
                        DuplicateExtents,
                        &range,
                        sizeof(ExtentsToDuplicate),
                        null,
                        0,
                        out _,
                        IntPtr.Zero
                    )
                )
                    return false;
            }

            return true;
        }
        finally
        {
            if (held)
                from.DangerousRelease();
        }
    }
}
