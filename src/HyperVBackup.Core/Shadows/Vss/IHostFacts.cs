namespace HyperVBackup.Shadows.Vss;

/// <summary>What shadow copies need to know of the host and of this process.</summary>
internal interface IHostFacts
{
    /// <summary>Whether this is Windows.</summary>
    bool IsWindows { get; }

    /// <summary>Whether the processor is ARM64, even if this process is emulated.</summary>
    bool IsArm64 { get; }

    /// <summary>Whether this process is one for ARM64.</summary>
    bool IsArm64Process { get; }

    /// <summary>Whether Windows is 64-bit.</summary>
    bool Is64BitSystem { get; }

    /// <summary>Whether this process is 64-bit.</summary>
    bool Is64BitProcess { get; }

    /// <summary>Whether this process has administrator rights.</summary>
    bool IsElevated { get; }

    /// <summary>Whether this is an edition of Windows that is no server.</summary>
    bool IsClientWindows { get; }

    /// <summary>
    /// How the service VSS starts (2 automatic, 3 manual, 4 disabled); null when there is no such service.
    /// </summary>
    int? ServiceStart { get; }
}
