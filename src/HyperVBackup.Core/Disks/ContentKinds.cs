using System;
using System.Collections.Generic;

namespace HyperVBackup.Disks;

/// <summary>
/// Files whose content decides whether they changed, because the time stamp of an open virtual disk or VM state may not
/// move.
/// </summary>
internal static class ContentKinds
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".vhd",
        ".vhdx",
        ".avhd",
        ".avhdx",
        ".vhds",
        ".vhdset",
        ".vhdpmem",
        ".vmrs",
        ".vmcx",
        ".vmgs",
        ".vsv",
        ".bin",
        ".mrt",
        ".rct",
        // The disks of other hypervisors, for file servers that hold them.
        ".qcow2",
        ".qcow",
        ".qed",
        ".vmdk",
        ".vdi",
        ".hdd",
        ".hds",
        ".img",
        ".raw",
        ".vmem",
        ".nvram",
        // Encrypted containers: their programs set the time back, so that nobody sees when they were used (VeraCrypt,
        // TrueCrypt).
        ".hc",
        ".tc",
    };

    // Its CDs as well: what is attached must not be sparse ("Virtual hard disk files must be uncompressed and
    // unencrypted and must not be sparse").
    private static readonly HashSet<string> Attached = new(StringComparer.OrdinalIgnoreCase)
    {
        ".vhd",
        ".vhdx",
        ".avhd",
        ".avhdx",
        ".vhds",
        ".vhdset",
        ".vhdpmem",
        ".iso",
    };

    /// <summary>Whether Hyper-V attaches files of this name.</summary>
    public static bool IsAttached(string name) => Attached.Contains(Extension(name));

    /// <summary>Whether a file of this name is compared by content always.</summary>
    public static bool ContentDecides(string name) => Extensions.Contains(Extension(name));

    private static string Extension(string name) =>
        name.LastIndexOf('.') is var dot && dot < 0 ? "" : name.Substring(dot);
}
