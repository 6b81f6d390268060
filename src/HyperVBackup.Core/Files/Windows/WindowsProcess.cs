using System;

namespace HyperVBackup.Files.Windows;

/// <summary>What this process has to ask for once before it touches files.</summary>
internal static unsafe class WindowsProcess
{
    private const uint AdjustPrivileges = 0x20;
    private const uint Query = 0x8;
    private const uint Enabled = 0x2;
    private const uint NoCriticalErrorBoxes = 0x1;

    private static readonly Lazy<bool> Prepared = new(Ask);

    /// <summary>
    /// Enables the privileges to read and write past permissions (SeBackupPrivilege, SeRestorePrivilege) and to create
    /// symbolic links where the
    /// token has them, and keeps Windows from waiting in a message box for a disk to be inserted. Done once; what is
    /// refused shows in the file operations.
    /// </summary>
    /// <returns>Whether backup and restore privileges are enabled now.</returns>
    public static bool Prepare() => Prepared.Value;

    private static bool Ask()
    {
        WindowsNative.SetErrorMode(WindowsNative.GetErrorMode() | NoCriticalErrorBoxes);
        if (!WindowsNative.OpenProcessToken(WindowsNative.GetCurrentProcess(), AdjustPrivileges | Query, out var token))
            return false;
        try
        {
            Enable(token, "SeCreateSymbolicLinkPrivilege");
            return Enable(token, "SeBackupPrivilege") & Enable(token, "SeRestorePrivilege");
        }
        finally
        {
            WindowsNative.CloseHandle(token);
        }
    }

    private static bool Enable(IntPtr token, string name)
    {
        if (!WindowsNative.LookupPrivilegeValueW(null, name, out var id))
            return false;
        var wanted = new WindowsNative.TokenPrivilege
        {
            Count = 1,
            Id = id,
            Attributes = Enabled,
        };

        // Success also means "some of them": the last error tells.
        return WindowsNative.AdjustTokenPrivileges(token, false, &wanted, 0, null, null)
            && System.Runtime.InteropServices.Marshal.GetLastWin32Error() != WindowsErrors.NotAllAssigned;
    }
}
