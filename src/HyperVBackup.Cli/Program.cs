using System;
using System.IO;
using System.Runtime.CompilerServices;
using HyperVBackup.Failures;

namespace HyperVBackup.Cli;

/// <summary>
/// The process: the console, the signals, the exit code. Everything else is <see cref="CommandLine"/>.
/// </summary>
internal static class Program
{
    // Nothing but the platform here: what keeps the program from beginning may be that it cannot load the rest of
    // itself.
    private static int Main(string[] args)
    {
        try
        {
            return Begin(args);
        }
#pragma warning disable CA1031 // Whatever it is, such as no handle that is left, is said in words.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Refuse(e);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Begin(string[] args)
    {
        WarmUp.Begin(args);
        using var interruption = new Interruption();
        return Run(args, Surroundings.OfThisProcess(interruption.Token));
    }

    private static int Refuse(Exception e)
    {
        var handles = OperatingSystem.IsWindows()
            ? ""
            : " Perhaps this process may open too few files: raise the limit (ulimit -n 1024).";
        try
        {
            Console.Error.WriteLine("hvbackup: cannot begin: " + e.Message.TrimEnd('.') + "." + handles);
        }
        catch (Exception unsaid) when (unsaid is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Nobody is there to read why.
        }

        return 1; // Failed, of the exit codes; these lie in what perhaps cannot be loaded.
    }

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code, one of <see cref="ExitCodes"/>.</returns>
    internal static int Run(string[] args, Surroundings surroundings)
    {
        ArgumentNullException.ThrowIfNull(args);
        return new CommandLine(surroundings).Run(args);
    }
}
