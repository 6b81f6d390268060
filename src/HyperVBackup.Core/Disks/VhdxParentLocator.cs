using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using static System.FormattableString;

namespace HyperVBackup.Disks;

/// <summary>The parent locator of a differencing VHDX ([MS-VHDX] 2.6.2.6): keys and values in UTF-16.</summary>
internal static class VhdxParentLocator
{
    public const int HeaderSize = 20;

    private const int EntrySize = 12;

    private static readonly string[] PathKeys = { "relative_path", "volume_path", "absolute_win32_path" };

    /// <summary>The parent; null, or with a part missing, when <paramref name="what"/> says what is wrong.</summary>
    /// <param name="bytes">The whole item, at least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="what">What is wrong; null when nothing is.</param>
    public static ParentReference? Parse(byte[] bytes, out string? what)
    {
        var type = DiskBytes.GuidLittle(bytes, 0);
        if (type != VhdxLayout.VhdxLocatorType)
        {
            what = Invariant($"is of type {type}, not a VHDX parent's");
            return null;
        }

        var values = ReadValues(bytes, out what);
        var ids = new List<Guid>();
        if (values.TryGetValue("parent_linkage", out var text) && Guid.TryParse(text, out var id))
            ids.Add(id);
        else
            what ??= "has no parent_linkage, or one that is no GUID";

        // Outside of a merge the second one is absent, or all zero.
        if (values.TryGetValue("parent_linkage2", out text) && !Guid.TryParse(text, out id))
            what ??= "has a parent_linkage2 that is no GUID";
        else if (text is not null && id != Guid.Empty)
            ids.Add(id);
        var paths = PathKeys.Where(values.ContainsKey).Select(key => values[key]).ToList();
        if (paths.Count == 0)
            what ??= "has no path to the parent";
        return new ParentReference(ids, paths);
    }

    private static Dictionary<string, string> ReadValues(byte[] bytes, out string? what)
    {
        what = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = DiskBytes.UInt16Little(bytes, 18);
        if (HeaderSize + count * EntrySize > bytes.Length)
        {
            what = Invariant($"has {count} entries, more than fit in {bytes.Length} bytes");
            return values;
        }

        for (var i = 0; i < count; i++)
        {
            var at = HeaderSize + i * EntrySize;
            var key = TextOf(bytes, DiskBytes.UInt32Little(bytes, at), DiskBytes.UInt16Little(bytes, at + 8));
            var value = TextOf(bytes, DiskBytes.UInt32Little(bytes, at + 4), DiskBytes.UInt16Little(bytes, at + 10));
            if (key is null || value is null)
                what ??= Invariant($"has an entry {i} that is not inside it");
            else if (values.ContainsKey(key))
                what ??= "has the key " + key + " twice";
            else
                values.Add(key, value);
        }

        return values;
    }

    private static string? TextOf(byte[] bytes, uint offset, ushort length)
    {
        if (offset == 0 || length == 0 || length % 2 != 0 || !DiskBytes.IsInside(offset, length, bytes.Length))
            return null;
        return DiskBytes.Text(Encoding.Unicode, bytes, (int)offset, length);
    }
}
