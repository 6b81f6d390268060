using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using HyperVBackup.Text;

namespace HyperVBackup.Host;

/// <summary>A program to be called.</summary>
internal sealed record ChildCall
{
    public required string Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = Array.Empty<string>();

    public TimeSpan Timeout { get; init; }

    /// <summary>The folder it starts in; empty: that of this process.</summary>
    public string Folder { get; init; } = "";

    /// <summary>What it finds on its standard input.</summary>
    public string Input { get; init; } = "";

    /// <summary>What it finds in its environment besides ours.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>Calls programs, without a shell, and never waits for them longer than their time.</summary>
internal static class ChildProcess
{
    private const int MostOutput = 4000;
    private static readonly TimeSpan ForLastWords = TimeSpan.FromSeconds(2);

    /// <summary>Calls a program and waits until it has ended.</summary>
    /// <returns>
    /// Why it failed, without a final full stop; null when it ended with exit code 0. And the last it wrote.
    /// </returns>
    public static (string? Problem, string Output) Run(ChildCall call)
    {
        using var process = new Process { StartInfo = StartOf(call) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return ("it could not be started: " + e.Message.TrimEnd('.'), "");
        }

        var given = Task.Run(() => Give(process, call.Input));
        var output = new[] { process.StandardOutput, process.StandardError }
            .Select(stream => Task.Run(() => Tail(stream)))
            .ToArray();
        var ended = process.WaitForExit((int)Math.Min(int.MaxValue, call.Timeout.TotalMilliseconds));
        if (!ended)
            Kill(process);
        // What it started may outlive it and keep its streams open: that is nobody's to wait for.
        Task.WaitAll(output.Append(given).ToArray(), ForLastWords);
        var said = string.Join(
            "\n",
            output
                .Where(task => task.Status == TaskStatus.RanToCompletion)
                .Select(task => ((Task<string>)task).Result.Trim())
                .Where(text => text.Length > 0)
        );
        if (!ended)
            return ("it did not end within " + HumanText.Span(call.Timeout) + " and was killed", said);
        return (
            process.ExitCode == 0
                ? null
                : "it ended with exit code " + process.ExitCode.ToString(CultureInfo.InvariantCulture),
            said
        );
    }

    /// <summary>
    /// Arguments as one command line, which the program (on Windows) or the framework takes apart by the rules of
    /// CommandLineToArgvW.
    /// </summary>
    internal static string Quote(IEnumerable<string> arguments) => string.Join(" ", arguments.Select(Quote));

    private static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(c => !char.IsWhiteSpace(c) && c != '"'))
            return argument;
        var quoted = new StringBuilder("\"");
        var slashes = 0;
        foreach (var c in argument)
        {
            // Backslashes count only before a quotation mark: there each is doubled.
            if (c == '"')
                quoted.Append('\\', slashes + 1);
            slashes = c == '\\' ? slashes + 1 : 0;
            quoted.Append(c);
        }

        return quoted.Append('\\', slashes).Append('"').ToString();
    }

    private static ProcessStartInfo StartOf(ChildCall call)
    {
        var start = new ProcessStartInfo(call.Command, Quote(call.Arguments))
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.Folder,
        };
        foreach (var variable in call.Environment)
            start.Environment[variable.Key] = variable.Value;
        return start;
    }

    private static void Give(Process process, string input)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(input);
            process.StandardInput.BaseStream.Write(bytes, 0, bytes.Length);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It does not care to read it.
        }
    }

    private static string Tail(StreamReader stream)
    {
        var tail = new StringBuilder();
        var buffer = new char[1024];
        for (int count; (count = stream.Read(buffer, 0, buffer.Length)) > 0; )
        {
            tail.Append(buffer, 0, count);
            if (tail.Length > 2 * MostOutput)
                tail.Remove(0, tail.Length - MostOutput);
        }

        return tail.Length > MostOutput ? tail.ToString(tail.Length - MostOutput, MostOutput) : tail.ToString();
    }

    private static void Kill(Process process)
    {
        try
        {
            // With what it started, where the framework can (not the one of Windows PowerShell).
            if (typeof(Process).GetMethod("Kill", new[] { typeof(bool) }) is { } killTree)
                killTree.Invoke(process, new object[] { true });
            else
                process.Kill();
        }
        catch (Exception e)
            when (e is Win32Exception or InvalidOperationException or System.Reflection.TargetInvocationException)
        {
            // It has just ended.
        }
    }
}
