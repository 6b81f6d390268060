using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Bench.Children;

namespace HyperVBackup.Bench;

/// <summary>The machine: what it is, and its caches.</summary>
internal static class Machine
{
    private const string DropCaches = "/proc/sys/vm/drop_caches";

    /// <summary>Whether this process may do what only an administrator may.</summary>
    public static bool IsRoot => Libc.geteuid() == 0;

    /// <summary>Processes that ran or wanted to, on the average of the last minute.</summary>
    public static double Load =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Brings everything to the disks, empties the caches if that is allowed, and waits.</summary>
    /// <param name="wait">For how long: what a disk or its host does behind the writes comes to its end.</param>
    public static void Settle(TimeSpan wait)
    {
        Libc.sync();
        if (IsRoot)
        {
            try
            {
                File.WriteAllText(DropCaches, "3\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // WhyCachesStay tells.
            }
        }

        Thread.Sleep(wait);
    }

    /// <summary>Why caches cannot be emptied; null when they can.</summary>
    public static string? WhyCachesStay()
    {
        if (!IsRoot)
            return "only root may empty the caches: what was read or written before came from memory";
        try
        {
            File.WriteAllText(DropCaches, "3\n");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DropCaches + " refuses: what was read or written before came from memory";
        }
    }

    /// <summary>The machine in lines for people.</summary>
    /// <param name="folder">The folder whose disk matters.</param>
    public static IEnumerable<string> Describe(string folder)
    {
        var processor = Field("/proc/cpuinfo", "model name", ':') ?? "processor unknown";
        var memory = long.Parse(Field("/proc/meminfo", "MemTotal", ':')!.Split(' ')[0], CultureInfo.InvariantCulture);
        yield return FormattableString.Invariant(
            $"{processor}, {Environment.ProcessorCount} cores, {memory / 1048576.0:0.0} GiB of memory"
        );
        yield return (Field("/etc/os-release", "PRETTY_NAME", '=') ?? "Linux").Trim('"')
            + ", kernel "
            + File.ReadAllText("/proc/sys/kernel/osrelease").Trim()
            + ", .NET "
            + Environment.Version;
        yield return Disk(folder);
    }

    private static string Disk(string folder)
    {
        // proc(5), mountinfo: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
        var mount = File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(" - "))
            .Select(halves => (Front: halves[0].Split(' '), Back: halves[1].Split(' ')))
            .Where(line =>
                line.Front[4] == "/"
                || folder == line.Front[4]
                || folder.StartsWith(line.Front[4] + "/", StringComparison.Ordinal)
            )
            .MaxBy(line => line.Front[4].Length);
        var block = "/sys/dev/block/" + mount.Front[2];
        var model = new[] { block + "/device/model", block + "/../device/model" }
            .Where(File.Exists)
            .Select(File.ReadAllText)
            .FirstOrDefault()
            ?.Trim();
        return mount.Back[0] + " on " + mount.Back[1] + (model == null ? "" : ", " + model);
    }

    private static string? Field(string file, string name, char separator) =>
        File.Exists(file)
            ? File.ReadLines(file)
                .Where(line => line.StartsWith(name, StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim())
                .FirstOrDefault()
            : null;
}
