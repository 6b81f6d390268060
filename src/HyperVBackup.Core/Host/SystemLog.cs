using System;
using System.Threading.Tasks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Text;

namespace HyperVBackup.Host;

/// <summary>
/// The log of the system: on Windows the event log Application, elsewhere syslog, which is the journal on most.
/// </summary>
internal static class SystemLog
{
    // Both are another process at work, which may hang.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Writes an event.</summary>
    /// <exception cref="BackupException">It cannot be written.</exception>
    public static void Write(LogEvent entry) =>
        Write(entry, PathOf.IsWindows ? WindowsEventLog.Write : Syslog.Write, Deadline);

    /// <summary>Writes an event by a deadline.</summary>
    internal static void Write(LogEvent entry, Action<LogEvent> write, TimeSpan deadline)
    {
        var writing = Task.Run(() => write(entry));
        try
        {
            if (writing.Wait(deadline))
                return;
        }
        catch (AggregateException e)
        {
            var inner = e.InnerException ?? e;
            if (inner is BackupException)
                throw inner;
            throw Failed(FailureKind.IoError, inner.Message.TrimEnd('.'), inner);
        }

        throw Failed(FailureKind.TimedOut, "it did not answer within " + Text.HumanText.Span(deadline), null);
    }

    private static BackupException Failed(FailureKind kind, string cause, Exception? inner) =>
        new(
            new Failure(kind, PathOf.IsWindows ? "The event log Application" : "The system's log", "write to it", cause)
            {
                Advice = "See whether its service runs; \"eventLog\": false in the plan does without it.",
            },
            inner
        );
}
