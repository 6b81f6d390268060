namespace HyperVBackup.Disks;

/// <summary>The format of a virtual disk's file.</summary>
internal enum DiskFormat
{
    /// <summary>Neither of the two.</summary>
    Unknown,

    /// <summary>Microsoft's "Virtual Hard Disk Image Format Specification", version 1.0 (2006): .vhd, .avhd.</summary>
    Vhd,

    /// <summary>[MS-VHDX]: .vhdx, .avhdx.</summary>
    Vhdx,
}

/// <summary>How a virtual disk keeps its blocks.</summary>
internal enum DiskKind
{
    /// <summary>The structures that would say so are not readable.</summary>
    Unknown,

    /// <summary>All blocks are allocated.</summary>
    Fixed,

    /// <summary>Blocks are allocated when they are first written.</summary>
    Dynamic,

    /// <summary>Only what differs from the parent is there: useless without it. A checkpoint's disk is one.</summary>
    Differencing,
}
