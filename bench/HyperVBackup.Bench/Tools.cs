using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Measuring;

namespace HyperVBackup.Bench;

/// <summary>The peers, and the raw disk.</summary>
internal sealed class Tools
{
    /// <summary>The names of the peers, in the order of the table.</summary>
    public static readonly string[] Peers = ["cp", "rsync", "rclone"];

    private readonly Child _child;
    private readonly IReadOnlyCollection<string> _without;

    /// <summary>Makes the tools.</summary>
    /// <param name="child">Starts them.</param>
    /// <param name="without">Those that are not wanted.</param>
    public Tools(Child child, IReadOnlyCollection<string> without)
    {
        _child = child;
        _without = without;
    }

    /// <summary>Why a tool cannot take part; null when it can.</summary>
    public string? WhyNot(string tool)
    {
        if (_without.Contains(tool))
            return "left out on demand (--without)";
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, tool)));
        return found ? null : tool + " is not on the PATH";
    }

    /// <summary>The first line of what a tool says about its version.</summary>
    public string Version(string tool) =>
        Must([tool, tool == "rclone" ? "version" : "--version"]).Output.Split('\n')[0];

    /// <summary>A peer makes a folder like another and the file system durable.</summary>
    public Sample Copy(string tool, string source, string target) =>
        Sample.Of(CopyOnly(tool, source, target), Sync(target));

    /// <summary>The same for two targets, one after the other.</summary>
    public Sample CopyTwice(string tool, string source, string one, string other) =>
        Sample.Of(CopyOnly(tool, source, one), Sync(one), CopyOnly(tool, source, other), Sync(other));

    /// <summary>Makes a file system durable.</summary>
    public ChildResult Sync(string folder) => Must(["sync", "-f", folder]);

    /// <summary>Reads a file past all caches.</summary>
    public Sample ReadDirect(string file) =>
        Sample.Of(Must(["dd", "if=" + file, "of=/dev/null", "bs=4M", "iflag=direct", "status=none"]));

    /// <summary>Copies a file past all caches: a block is read, then written, then the next one.</summary>
    public Sample CopyDirect(string file, string target) =>
        Sample.Of(
            Must([
                "dd",
                "if=" + file,
                "of=" + target,
                "bs=4M",
                "iflag=direct",
                "oflag=direct",
                "conv=fsync",
                "status=none",
            ])
        );

    /// <summary>Runs what must succeed.</summary>
    /// <exception cref="ChildException">It does not.</exception>
    public ChildResult Must(IReadOnlyList<string> command)
    {
        var result = _child.Run(command);
        if (result.ExitCode != 0)
            throw new ChildException(
                command[0] + " ended with " + result.ExitCode + ": " + result.Error.Trim().Split('\n')[^1]
            );
        return result;
    }

    // A trailing slash or dot makes it the content that is copied.
    private ChildResult CopyOnly(string tool, string source, string target) =>
        tool switch
        {
            "cp" => Must(["cp", "-a", source + "/.", target]),
            "rsync" => Must(["rsync", "-a", "--inplace", "--no-whole-file", source + "/", target + "/"]),
            "rclone" => Must(["rclone", "sync", "--config", "", source, target]),
            _ => throw new ArgumentOutOfRangeException(nameof(tool)),
        };
}
