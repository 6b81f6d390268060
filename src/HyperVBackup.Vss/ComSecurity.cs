using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Vss;

/// <summary>
/// CoInitializeSecurity, as "Security Considerations for Requesters" asks for: writers call back into this process and must be able to identify it.
/// AlphaVSS leaves that to its user.
/// </summary>
internal static class ComSecurity
{
    private const int TooLate = unchecked((int)0x80010119);
    private const uint PacketPrivacy = 6;
    private const uint Impersonate = 3;
    private const uint DynamicCloaking = 0x40;

    /// <summary>Sets it for the process. When the host program, or an earlier module, has set it already, theirs stands.</summary>
    /// <exception cref="BackupException">It could not be set.</exception>
    public static void Initialize() => Judge(CoInitializeSecurity(IntPtr.Zero, -1, IntPtr.Zero, IntPtr.Zero, PacketPrivacy, Impersonate, IntPtr.Zero, DynamicCloaking, IntPtr.Zero));

    /// <summary>Whether a result is a failure.</summary>
    internal static void Judge(int result)
    {
        if (result < 0 && result != TooLate) throw new VssCallException(nameof(CoInitializeSecurity), result);
    }

    [DllImport("ole32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int CoInitializeSecurity(
        IntPtr descriptor, int authenticationServices, IntPtr services, IntPtr reserved, uint authenticationLevel, uint impersonationLevel, IntPtr authenticationList, uint capabilities, IntPtr reserved3);
}
