using System;
using System.IO;
using HyperVBackup.Failures;

namespace HyperVBackup.Cli;

/// <summary>The process: the console, the signals, the exit code. Everything else is <see cref="CommandLine"/>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        using var interruption = new Interruption();
        try
        {
            return Run(args, Surroundings.OfThisProcess(interruption.Token));
        }
        catch (IOException)
        {
            return ExitCodes.Failed; // Nobody is there to read why.
        }
    }

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code, one of <see cref="ExitCodes"/>.</returns>
    internal static int Run(string[] args, Surroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(args);
        return new CommandLine(surroundings).Run(args);
    }
}
