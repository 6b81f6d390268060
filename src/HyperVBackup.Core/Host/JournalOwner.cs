using System;
using System.ComponentModel;
using System.Diagnostics;

namespace HyperVBackup.Host;

/// <summary>A process, told apart from a later one with the same id by its start time.</summary>
/// <param name="ProcessId">Its id.</param>
/// <param name="Started">When it started, UTC.</param>
/// <param name="Host">The computer it runs on.</param>
public sealed record JournalOwner(int ProcessId, DateTime Started, string Host)
{
    // Linux derives start times from clock ticks since boot; two readings differ by fractions of a second.
    private static readonly TimeSpan SameStart = TimeSpan.FromSeconds(2);

    /// <summary>This process.</summary>
    public static JournalOwner Current { get; } = OfThisProcess();

    /// <summary>
    /// Whether the process has certainly ended. One of another host, or one that may not be looked at, counts as alive.
    /// </summary>
    public bool IsGone()
    {
        if (!string.Equals(Host, Environment.MachineName, StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            return process.HasExited || (process.StartTime.ToUniversalTime() - Started).Duration() > SameStart;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static JournalOwner OfThisProcess()
    {
        using var process = Process.GetCurrentProcess();
        return new JournalOwner(process.Id, process.StartTime.ToUniversalTime(), Environment.MachineName);
    }
}
