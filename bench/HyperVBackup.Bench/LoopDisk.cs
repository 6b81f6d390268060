using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;

namespace HyperVBackup.Bench;

/// <summary>A second file system: ext4 in a file, mounted through a loop device.</summary>
internal static class LoopDisk
{
    /// <summary>Why there can be none; null when there can.</summary>
    public static string? WhyNot(Tools tools)
    {
        if (!Machine.IsRoot)
            return "only root may mount a second file system";
        if (!File.Exists("/dev/loop-control"))
            return "there are no loop devices for a second file system";
        return new[] { "losetup", "mount", "umount", "mkfs.ext4", "fallocate" }
            .Select(tools.WhyNot)
            .FirstOrDefault(why => why != null);
    }

    /// <summary>Makes it and mounts it.</summary>
    /// <returns>Where it is mounted.</returns>
    /// <exception cref="ChildException">The system does not want it.</exception>
    public static string Mount(Tools tools, string root, long size)
    {
        var folder = Path.Combine(root, "second");
        var image = folder + ".img";
        Directory.CreateDirectory(folder);
        tools.Must(["fallocate", "-l", size.ToString(CultureInfo.InvariantCulture), image]);
        // All at once, so that nothing is left for the background to do during measurements.
        tools.Must(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", image]);
        var device = tools.Must(["losetup", "--find", "--show", "--direct-io=on", image]).Output.Trim();
        try
        {
            tools.Must(["mount", device, folder]);
        }
        finally
        {
            // A device in use goes when it is unmounted.
            tools.Must(["losetup", "--detach", device]);
        }

        return folder;
    }

    /// <summary>Unmounts and removes it, also what a run that was killed has left.</summary>
    public static void Remove(Tools tools, string root)
    {
        var folder = Path.Combine(root, "second");
        if (File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ')[4] == folder))
            tools.Must(["umount", folder]);
        File.Delete(folder + ".img");
        if (Directory.Exists(folder))
            Directory.Delete(folder);
    }
}
