using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>What would make every VSS call fail in some obscure way, said plainly before the first.</summary>
internal static class VssPreflight
{
    private const int Disabled = 4;
    private const string EmulatedProcess =
        "this is an emulated process on Windows for ARM64, and the Volume Shadow Copy service serves programs of "
        + "the machine's own kind only";

    /// <summary>The first reason why this process cannot make shadow copies here; null when none is known.</summary>
    public static Failure? Check(IHostFacts host)
    {
        if (!host.IsWindows)
            return No(
                FailureKind.ProviderUnavailable,
                "shadow copies of the Volume Shadow Copy service exist on Windows only",
                null
            );
        if (host.Is64BitSystem && !host.Is64BitProcess)
            return No(
                FailureKind.ProviderUnavailable,
                "this is a 32-bit process on 64-bit Windows, which the Volume Shadow Copy service refuses",
                "Start the 64-bit shell: %windir%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe or the x64 "
                    + "edition of pwsh, not the one marked (x86)."
            );
        if (host.IsArm64 && !host.IsArm64Process)
            return No(
                FailureKind.ProviderUnavailable,
                EmulatedProcess,
                "Start the ARM64 edition of the shell or of the program."
            );
        if (!host.IsElevated)
            return No(FailureKind.NotElevated, "the process has no administrator rights", null);
        return host.ServiceStart switch
        {
            null => No(
                FailureKind.ProviderUnavailable,
                "the service 'Volume Shadow Copy' (VSS) is not installed",
                "Repair Windows (sfc /scannow)."
            ),
            Disabled => No(
                FailureKind.ProviderUnavailable,
                "the service 'Volume Shadow Copy' (VSS) is disabled",
                "Enable it: Set-Service VSS -StartupType Manual"
            ),
            _ => null,
        };
    }

    private static Failure No(FailureKind kind, string cause, string? advice)
    {
        var failure = new Failure(kind, "VSS", "make shadow copies", cause);
        return advice == null ? failure : failure with { Advice = advice };
    }
}
