using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace HyperVBackup.Bench.Children;

/// <summary>
/// Runs programs, one at a time, and learns what each used: the time from start to end, and what the kernel has counted
/// for it. They are started and waited for
/// by the C library's functions, because .NET's own do not tell what a process used at most.
/// </summary>
internal sealed class Child
{
    private const string IoCounters = "/proc/self/io";

    // struct rusage: 2 timevals, then 14 longs, the first of which is ru_maxrss (getrusage(2))
    private const int UsageWords = 18;
    private readonly string _outputs;
    private readonly object _gate = new();
    private int _running;
    private bool _stopped;

    /// <summary>Makes a starter of programs.</summary>
    /// <param name="outputs">The folder for what the programs print.</param>
    public Child(string outputs) => _outputs = outputs;

    /// <summary>Whether the kernel counts the bytes that processes read from and write to disks.</summary>
    public static bool CountsIo => File.Exists(IoCounters);

    /// <summary>Stops the program that runs, and starts no more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            if (_running > 0)
                Libc.kill(_running, Libc.Terminate);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">The program, by name or path, and its arguments.</param>
    /// <param name="environment">What its environment has other than this process's; null takes a variable
    /// away.</param>
    /// <exception cref="ChildException">It cannot be started.</exception>
    public ChildResult Run(IReadOnlyList<string> command, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var output = Path.Combine(_outputs, "stdout");
        var error = Path.Combine(_outputs, "stderr");
        ForgetOwnPeak();
        var ownPeak = StatusKiB("VmHWM");
        var (read, written) = Io();
        var watch = Stopwatch.StartNew();
        var (status, usage) = Await(Start(command, environment, output, error));
        var seconds = watch.Elapsed.TotalSeconds;
        var (readAfter, writtenAfter) = Io();
        var peak = usage[4] * 1024;
        return new ChildResult
        {
            ExitCode = (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f),
            Output = File.ReadAllText(output),
            Error = File.ReadAllText(error),
            Seconds = seconds,
            UserSeconds = usage[0] + usage[1] / 1e6,
            SystemSeconds = usage[2] + usage[3] / 1e6,
            PeakBytes = peak,
            PeakIsBound = peak <= ownPeak * 1024,
            ReadBytes = readAfter - read,
            WrittenBytes = writtenAfter - written,
        };
    }

    private unsafe int Start(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string?>? environment,
        string output,
        string error
    )
    {
        var strings = new List<nint>();
        byte* Text(string text)
        {
            var pointer = Marshal.StringToCoTaskMemUTF8(text);
            strings.Add(pointer);
            return (byte*)pointer;
        }

        var argv = stackalloc byte*[command.Count + 1];
        for (var i = 0; i < command.Count; i++)
            argv[i] = Text(command[i]);
        argv[command.Count] = null;
        var variables = Environment(environment);
        var envp = stackalloc byte*[variables.Count + 1];
        for (var i = 0; i < variables.Count; i++)
            envp[i] = Text(variables[i]);
        envp[variables.Count] = null;
        var actions = stackalloc byte[1024]; // posix_spawn_file_actions_t has 80 bytes in glibc and in musl.
        Libc.posix_spawn_file_actions_init(actions);
        try
        {
            Libc.posix_spawn_file_actions_addopen(actions, 0, Text("/dev/null"), 0, 0);
            Libc.posix_spawn_file_actions_addopen(actions, 1, Text(output), Libc.WriteCreateTruncate, 0x1a4);
            Libc.posix_spawn_file_actions_addopen(actions, 2, Text(error), Libc.WriteCreateTruncate, 0x1a4);
            lock (_gate)
            {
                if (_stopped)
                    throw new OperationCanceledException();
                var pid = 0;
                var errno = Libc.posix_spawnp(&pid, argv[0], actions, null, argv, envp);
                if (errno != 0)
                    throw new ChildException(
                        command[0] + " cannot be started: " + Marshal.GetPInvokeErrorMessage(errno)
                    );
                return _running = pid;
            }
        }
        finally
        {
            Libc.posix_spawn_file_actions_destroy(actions);
            foreach (var pointer in strings)
                Marshal.FreeCoTaskMem(pointer);
        }
    }

    private static List<string> Environment(IReadOnlyDictionary<string, string?>? changes)
    {
        var variables = System
            .Environment.GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
        foreach (var change in changes ?? new Dictionary<string, string?>())
            variables[change.Key] = change.Value;
        return variables
            .Where(variable => variable.Value != null)
            .Select(variable => variable.Key + "=" + variable.Value)
            .ToList();
    }

    private unsafe (int Status, long[] Usage) Await(int pid)
    {
        var usage = new long[UsageWords];
        var status = 0;
        fixed (long* words = usage)
            while (Libc.wait4(pid, &status, 0, words) < 0)
                if (Marshal.GetLastPInvokeError() != Libc.Interrupted)
                    throw new ChildException(
                        "cannot wait for process " + pid + ": " + Marshal.GetLastPInvokeErrorMessage()
                    );
        lock (_gate)
        {
            _running = 0;
            if (_stopped)
                throw new OperationCanceledException();
        }

        return (status, usage);
    }

    // What a child has read from and written to block devices is added to its parent's counts when the parent has
    // waited for it; so the difference is the child's,
    // as this process does nothing meanwhile. (proc(5), /proc/pid/io; the child's own file there is closed to all but
    // root once it has ended.)
    private static (long Read, long Written) Io()
    {
        if (!CountsIo)
            return (0, 0);
        var counts = File.ReadLines(IoCounters)
            .Select(line => line.Split(": "))
            .ToDictionary(
                pair => pair[0],
                pair => long.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)
            );
        return (counts["read_bytes"], counts["write_bytes"]);
    }

    // A child begins its life sharing its parent's memory, and the parent's peak stays in its ru_maxrss. So the
    // parent's peak is brought down first (proc(5), clear_refs).
    private static void ForgetOwnPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then peaks are bounds more often.
        }
    }

    private static long StatusKiB(string name) =>
        File.ReadLines("/proc/self/status")
            .Where(line => line.StartsWith(name + ":", StringComparison.Ordinal))
            .Select(line =>
                long.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1],
                    System.Globalization.CultureInfo.InvariantCulture
                )
            )
            .FirstOrDefault();
}
