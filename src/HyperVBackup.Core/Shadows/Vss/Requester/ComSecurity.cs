using System;
using System.Runtime.InteropServices;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// What "Security Considerations for Requesters" asks of a requester's process before its first call: writers call
/// back into it and must be able to identify it
/// (CoInitializeSecurity), and a fault in such a call must not be swallowed by COM (COMGLB_EXCEPTION_DONOT_HANDLE).
/// Both hold for the process, and neither can be set twice.
/// </summary>
internal static unsafe class ComSecurity
{
    private const int TooLate = unchecked((int)0x80010119);
    private const string SetByOthers =
        "CoInitializeSecurity: RPC_E_TOO_LATE (0x80010119): the host program, or a module in it, has set COM "
        + "security already; theirs stands. If writers that run as NETWORK SERVICE are then refused (event 8194 of "
        + "source VSS in the Application event log), run hvbackup.exe, or a fresh shell with nothing else in it";
    private const uint PacketPrivacy = 6;
    private const uint Impersonate = 3;
    private const uint DynamicCloaking = 0x40;
    private const uint InProcessServer = 1;
    private const int SetSlot = 3;
    private const int ExceptionHandling = 1;
    private static readonly IntPtr DoNotHandle = new(1);
    private static readonly Guid GlobalOptionsClass = new("0000034b-0000-0000-c000-000000000046");
    private static readonly Guid GlobalOptionsInterface = new("0000015b-0000-0000-c000-000000000046");

    /// <summary>Sets both for the process.</summary>
    /// <returns>What the administrator of a host whose writers refuse should know; null when everything was
    /// set.</returns>
    /// <exception cref="VssCallException">COM security could not be set.</exception>
    public static string? Initialize()
    {
        var security = CoInitializeSecurity(
            IntPtr.Zero,
            -1,
            IntPtr.Zero,
            IntPtr.Zero,
            PacketPrivacy,
            Impersonate,
            IntPtr.Zero,
            DynamicCloaking,
            IntPtr.Zero
        );
        return Judge(security, LeaveFaultsAlone());
    }

    /// <summary>What the two results mean.</summary>
    /// <exception cref="VssCallException">COM security could not be set.</exception>
    internal static string? Judge(int security, int exceptions)
    {
        if (security == TooLate)
            return SetByOthers;
        if (security < 0)
            throw new VssCallException(nameof(CoInitializeSecurity), security);
        return exceptions < 0
            ? FormattableString.Invariant($"IGlobalOptions::Set: 0x{exceptions:X8}; COM goes on to swallow faults here")
            : null;
    }

    private static int LeaveFaultsAlone()
    {
        var type = GlobalOptionsClass;
        var wanted = GlobalOptionsInterface;
        var found = IntPtr.Zero;
        var result = CoCreateInstance(&type, IntPtr.Zero, InProcessServer, &wanted, &found);
        if (result < 0 || found == IntPtr.Zero)
            return result;
        using var options = new ComObject(found, found);
        return ((delegate* unmanaged[Stdcall]<IntPtr, int, IntPtr, int>)options.Slot(SetSlot))(
            found,
            ExceptionHandling,
            DoNotHandle
        );
    }

    [DllImport("ole32.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int CoInitializeSecurity(
        IntPtr descriptor,
        int authenticationServices,
        IntPtr services,
        IntPtr reserved,
        uint authenticationLevel,
        uint impersonationLevel,
        IntPtr authenticationList,
        uint capabilities,
        IntPtr reserved3
    );

    [DllImport("ole32.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int CoCreateInstance(Guid* type, IntPtr outer, uint context, Guid* wanted, IntPtr* found);
}
