using System;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;

namespace HyperVBackup.Files;

/// <summary>What /proc and /sys tell about mounts and disks.</summary>
internal static class PosixMounts
{
    /// <summary>The innermost mount that holds the path: by its device where mountinfo names it, else by the longest mount point above it (btrfs subvolumes have devices of their own).</summary>
    public static (string Root, string FileSystem, string Source) Of(string path, ulong volume)
    {
        var device = string.Format(CultureInfo.InvariantCulture, "{0}:{1}", volume >> 32, volume & 0xFFFFFFFF);
        (string Root, string FileSystem, string Source) best = ("/", "", "");
        var bestByDevice = false;
        foreach (var line in ReadLines("/proc/self/mountinfo"))
        {
            // proc(5): id parent major:minor root mount-point options [optional…] - type source super-options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (dash < 5 || fields.Length < dash + 3) continue;
            var root = Unescape(fields[4]);
            if (!PathOf.TryRelative(root, path, out _)) continue;
            var byDevice = fields[2] == device;
            // Later lines were mounted over earlier ones.
            if ((byDevice && !bestByDevice) || (byDevice == bestByDevice && root.Length >= best.Root.Length))
            {
                best = (root, fields[dash + 1], Unescape(fields[dash + 2]));
                bestByDevice = byDevice;
            }
        }

        return best;
    }

    /// <summary>The whole disk behind a partition, by /sys; else the device or the source of the mount itself.</summary>
    public static string DiskOf(ulong volume, string source)
    {
        try
        {
            var name = string.Format(CultureInfo.InvariantCulture, "/sys/dev/block/{0}:{1}", volume >> 32, volume & 0xFFFFFFFF);
            // A partition's folder lies inside its disk's: …/block/sda/sda1. File.Exists follows the link; "partition" is there for partitions only.
            if (File.Exists(name + "/partition")) return ReadFirstLine(name + "/../dev", name);
            if (Directory.Exists(name)) return ReadFirstLine(name + "/dev", name);
        }
        catch (IOException)
        {
        }
        catch (UnauthorizedAccessException)
        {
        }

        return source.Length > 0 && source != "none" ? source : volume.ToString(CultureInfo.InvariantCulture);
    }

    private static string ReadFirstLine(string path, string otherwise)
    {
        foreach (var line in ReadLines(path)) return line;
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

    private static string Unescape(string field) =>
        field.IndexOf('\\') < 0 ? field : Regex.Replace(field, @"\\([0-7]{3})", match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());
}
