using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace HyperVBackup.Host;

/// <summary>
/// syslog(3). Without openlog: that would change the name under which the shell around us writes its own lines.
/// </summary>
internal static class Syslog
{
    private const int Daemon = 3 << 3; // LOG_DAEMON

    /// <summary>Writes an event as one line. Where no daemon listens, it goes nowhere: syslog never fails.</summary>
    public static void Write(LogEvent entry)
    {
        var severity = entry.Level switch
        {
            EventLevel.Error => 3,
            EventLevel.Warning => 4,
            _ => 6,
        };
        // The text is the format: a '%' in it must be one, and nothing else is taken from the stack.
        syslog(Daemon | severity, Encoding.UTF8.GetBytes(entry.ForSyslog().Replace("%", "%%") + "\0"));
    }

    [SuppressMessage("Style", "IDE1006", Justification = "The name of the C function.")]
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void syslog(int priority, byte[] format);
}
