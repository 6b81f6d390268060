using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace HyperVBackup.Files.Posix;

/// <summary>What /proc and /sys tell about mounts and disks.</summary>
internal static class PosixMounts
{
    /// <summary>All mounts of this process, in the order they were made.</summary>
    public static IEnumerable<PosixMount> All()
    {
        foreach (var line in ReadLines("/proc/self/mountinfo"))
        {
            // proc(5): id parent major:minor root mount-point options [optional…] - type source super-options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 5 || fields.Length < dash + 3 || !int.TryParse(fields[0], out var id))
                continue;
            yield return new PosixMount(
                id,
                fields[2],
                Unescape(fields[3]),
                Unescape(fields[4]),
                fields[dash + 1],
                Unescape(fields[dash + 2])
            )
            {
                Options = dash + 3 < fields.Length ? fields[dash + 3] : "",
            };
        }
    }

    /// <summary>The mounts at folders below a path, the outer before those inside them.</summary>
    public static IReadOnlyList<PosixMount> Below(string path) =>
        All()
            .Where(mount => PathOf.TryRelative(path, mount.Path, out var relative) && relative.Length > 0)
            .OrderBy(mount => mount.Path.Length)
            .ToList();

    /// <summary>The innermost mount at or above a path; of several at one folder, the one that is seen.</summary>
    public static PosixMount? Around(string path) => Around(All(), path);

    /// <summary>The same among these mounts, in the order they were made.</summary>
    public static PosixMount? Around(IEnumerable<PosixMount> mounts, string path) =>
        mounts
            .Where(mount => PathOf.TryRelative(mount.Path, path, out _))
            .OrderBy(mount => mount.Path.Length)
            .LastOrDefault();

    /// <summary>
    /// The innermost mount that holds the path: by its device where mountinfo names it, else by the longest mount point
    /// above it (btrfs subvolumes have devices of their own).
    /// </summary>
    public static (string Root, string FileSystem, string Source) Of(string path, ulong volume)
    {
        var device = string.Format(CultureInfo.InvariantCulture, "{0}:{1}", volume >> 32, volume & 0xFFFFFFFF);
        (string Root, string FileSystem, string Source) best = ("/", "", "");
        var bestByDevice = false;
        foreach (var mount in All())
        {
            if (!PathOf.TryRelative(mount.Path, path, out _))
                continue;
            var byDevice = mount.Device == device;
            // Later lines were mounted over earlier ones.
            if ((byDevice && !bestByDevice) || (byDevice == bestByDevice && mount.Path.Length >= best.Root.Length))
            {
                best = (mount.Path, mount.FileSystem, mount.Source);
                bestByDevice = byDevice;
            }
        }

        return best;
    }

    /// <summary>
    /// The whole disk behind a partition, by /sys; else the device or the source of the mount itself.
    /// </summary>
    public static string DiskOf(ulong volume, string source)
    {
        try
        {
            var name = string.Format(
                CultureInfo.InvariantCulture,
                "/sys/dev/block/{0}:{1}",
                volume >> 32,
                volume & 0xFFFFFFFF
            );
            // A partition's folder lies inside its disk's: …/block/sda/sda1. File.Exists follows the link; "partition"
            // is there for partitions only.
            if (File.Exists(name + "/partition"))
                return ReadFirstLine(name + "/../dev", name);
            if (Directory.Exists(name))
                return ReadFirstLine(name + "/dev", name);
        }
        catch (IOException) { }
        catch (UnauthorizedAccessException) { }

        return source.Length > 0 && source != "none" ? source : volume.ToString(CultureInfo.InvariantCulture);
    }

    private static string ReadFirstLine(string path, string otherwise)
    {
        foreach (var line in ReadLines(path))
            return line;
        return otherwise;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return Array.Empty<string>();
        }
        catch (UnauthorizedAccessException)
        {
            return Array.Empty<string>();
        }
    }

    // A blank, a tab, a line feed and a backslash stand as \040 and so on: three octal digits (proc(5)).
    private static string Unescape(string field)
    {
        if (field.IndexOf('\\') < 0)
            return field;
        var text = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (
                field[i] == '\\'
                && i + 3 < field.Length
                && IsOctal(field[i + 1])
                && IsOctal(field[i + 2])
                && IsOctal(field[i + 3])
            )
            {
                text.Append((char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';
}

/// <summary>One mount.</summary>
/// <param name="Id">Its number, as <see cref="PosixFolder.MountId"/> has it.</param>
/// <param name="Device">The file system's device, major:minor; the same for all mounts of one file system.</param>
/// <param name="Root">Which folder of the file system is mounted: "/", or a subvolume, or a folder that is bound
/// elsewhere.</param>
/// <param name="Path">Where.</param>
/// <param name="FileSystem">The file system's name.</param>
/// <param name="Source">What is mounted: a device file, mostly.</param>
internal sealed record PosixMount(int Id, string Device, string Root, string Path, string FileSystem, string Source)
{
    /// <summary>The options of the file system itself, with commas between them.</summary>
    public string Options { get; init; } = "";
}
