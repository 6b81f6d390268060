using System;
using System.Collections.Generic;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>What VSS knows of shadow copies (GetSnapshotProperties, Query), as data.</summary>
internal static unsafe class SnapshotReader
{
    private const int NoObject = 1;

    /// <summary>All shadow copies, in the instance's context.</summary>
    public static IReadOnlyList<SnapshotProperties> Read(ComObject native)
    {
        var found = IntPtr.Zero;
        BackupComponents.Check(
            BackupComponentsTable.Query(native, Guid.Empty, NoObject, ObjectProp.Snapshot, &found),
            nameof(IVssApi.QuerySnapshots)
        );
        var all = new List<SnapshotProperties>();

        // S_FALSE: there are none, and there may be no list of none.
        if (found == IntPtr.Zero)
            return all;
        using var list = new ComObject(found, found);
        while (true)
        {
            ObjectProp one = default;
            uint fetched = 0;
            BackupComponents.Check(EnumObjectTable.Next(list, 1, &one, &fetched), nameof(IVssApi.QuerySnapshots));
            if (fetched == 0)
                return all;
            if (one.Type == ObjectProp.Snapshot)
                all.Add(Take(&one.Properties));
        }
    }

    /// <summary>Reads and frees.</summary>
    public static SnapshotProperties Take(SnapshotProp* native)
    {
        try
        {
            return new SnapshotProperties
            {
                SnapshotId = native->SnapshotId,
                SnapshotSetId = native->SnapshotSetId,
                DeviceObject = ComText.Read(native->DeviceObject) ?? "",
                OriginalVolume = ComText.Read(native->OriginalVolume) ?? "",
                ExposedName = Given(ComText.Read(native->ExposedName)),
                ExposedPath = Given(ComText.Read(native->ExposedPath)),
                Attributes = native->Attributes,
                Created = Time(native->Created),
            };
        }
        finally
        {
            VssApiDll.VssFreeSnapshotPropertiesInternal(native);
        }
    }

    // A time that is none must not hide the shadow copy.
    private static DateTime Time(long fileTime) =>
        fileTime >= 0 && fileTime <= DateTime.MaxValue.ToFileTimeUtc() ? DateTime.FromFileTimeUtc(fileTime) : default;

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
