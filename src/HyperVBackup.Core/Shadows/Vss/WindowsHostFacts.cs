using System;
using System.Runtime.InteropServices;
using System.Text;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows.Vss;

/// <summary>The facts of this host. Off Windows only <see cref="IsWindows"/> means anything.</summary>
internal sealed class WindowsHostFacts : IHostFacts
{
    private const uint TokenQuery = 0x8;
    private const int TokenElevation = 20;
    private const ushort MachineArm64 = 0xAA64;
    private const uint RegistryText = 0x2;
    private const uint RegistryNumber = 0x10;
    private static readonly IntPtr LocalMachine = new(unchecked((int)0x80000002));

    /// <inheritdoc/>
    public bool IsWindows => PathOf.IsWindows;

    /// <inheritdoc/>
    public bool IsArm64
    {
        get
        {
            if (RuntimeInformation.OSArchitecture == Architecture.Arm64)
                return true;
            if (!IsWindows)
                return false;
            try
            {
                // An emulated process is told that the machine is what it was built for; this call tells the truth
                // (Windows 10 1709 and later).
                return IsWow64Process2(GetCurrentProcess(), out _, out var native) && native == MachineArm64;
            }
            catch (EntryPointNotFoundException)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public bool IsArm64Process => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <inheritdoc/>
    public bool Is64BitSystem => Environment.Is64BitOperatingSystem;

    /// <inheritdoc/>
    public bool Is64BitProcess => Environment.Is64BitProcess;

    /// <inheritdoc/>
    public bool IsElevated
    {
        get
        {
            if (!IsWindows || !OpenProcessToken(GetCurrentProcess(), TokenQuery, out var token))
                return false;
            try
            {
                return GetTokenInformation(token, TokenElevation, out var elevated, sizeof(int), out _)
                    && elevated != 0;
            }
            finally
            {
                CloseHandle(token);
            }
        }
    }

    /// <inheritdoc/>
    public bool IsClientWindows
    {
        get
        {
            // "WinNT" on clients, "ServerNT" and "LanmanNT" on servers.
            var type = new StringBuilder(64);
            var bytes = type.Capacity * sizeof(char);
            return IsWindows
                && RegGetValueW(
                    LocalMachine,
                    @"SYSTEM\CurrentControlSet\Control\ProductOptions",
                    "ProductType",
                    RegistryText,
                    IntPtr.Zero,
                    type,
                    ref bytes
                ) == 0
                && string.Equals(type.ToString(), "WinNT", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <inheritdoc/>
    public int? ServiceStart
    {
        get
        {
            var bytes = sizeof(int);
            return
                IsWindows
                && RegGetValueW(
                    LocalMachine,
                    @"SYSTEM\CurrentControlSet\Services\VSS",
                    "Start",
                    RegistryNumber,
                    IntPtr.Zero,
                    out var start,
                    ref bytes
                ) == 0
                ? start
                : null;
        }
    }

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr GetCurrentProcess();

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CloseHandle(IntPtr handle);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool IsWow64Process2(IntPtr process, out ushort processMachine, out ushort nativeMachine);

    [DllImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool OpenProcessToken(IntPtr process, uint access, out IntPtr token);

    [DllImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetTokenInformation(
        IntPtr token,
        int what,
        out int information,
        int length,
        out int returned
    );

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegGetValueW(
        IntPtr key,
        string subKey,
        string value,
        uint flags,
        IntPtr type,
        StringBuilder data,
        ref int bytes
    );

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegGetValueW(
        IntPtr key,
        string subKey,
        string value,
        uint flags,
        IntPtr type,
        out int data,
        ref int bytes
    );
}
