using System;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace HyperVBackup.Host;

/// <summary>
/// The Windows event log by its own calls ("Event Logging Functions"), because netstandard2.0 has none of .NET's
/// without another package. The text of an event
/// comes from a file of messages that its source names; without one, viewers say that they cannot find the description
/// and show the text all the same. Every
/// Windows with .NET Framework 4 has a file whose every message is the text it is given, and a process that may
/// registers our source with that.
/// </summary>
internal static class WindowsEventLog
{
    private const string Key = @"SYSTEM\CurrentControlSet\Services\EventLog\Application\" + EventCatalogue.Source;
    private const string MessageFile = "EventMessageFile";
    private const uint AnyText = 0x2 | 0x4 | 0x1000_0000; // RRF_RT_REG_SZ, RRF_RT_REG_EXPAND_SZ, RRF_NOEXPAND
    private const uint SetValue = 0x2; // KEY_SET_VALUE
    private const uint ExpandableText = 2,
        Number = 4; // REG_EXPAND_SZ, REG_DWORD
    private const int AllTypes = 7; // error, warning, information

    private static readonly IntPtr LocalMachine = new(unchecked((int)0x8000_0002));
    private static readonly string[] Frameworks = { "Framework64", "FrameworkArm64", "Framework" };

    /// <summary>Writes an event.</summary>
    /// <exception cref="Win32Exception">It cannot be written.</exception>
    public static void Write(LogEvent entry)
    {
        Register();
        var log = RegisterEventSourceW(null, EventCatalogue.Source);
        if (log == IntPtr.Zero)
            throw new Win32Exception(Marshal.GetLastWin32Error());
        try
        {
            ushort type = entry.Level switch
            {
                EventLevel.Error => 1,
                EventLevel.Warning => 2,
                _ => 4,
            };
            if (
                !ReportEventW(
                    log,
                    type,
                    0,
                    (uint)entry.Kind,
                    IntPtr.Zero,
                    1,
                    0,
                    new[] { entry.ForEventLog() },
                    IntPtr.Zero
                )
            )
                throw new Win32Exception(Marshal.GetLastWin32Error());
        }
        finally
        {
            DeregisterEventSource(log);
        }
    }

    /// <summary>The file of messages, as the registry names it; null where there is none.</summary>
    internal static string? FindMessages(Func<string, bool> exists) =>
        Frameworks
            .Select(framework => @"%SystemRoot%\Microsoft.NET\" + framework + @"\v4.0.30319\EventLogMessages.dll")
            .FirstOrDefault(path => exists(Environment.ExpandEnvironmentVariables(path)));

    // What is refused here (the process is not elevated) costs the description, and not the event.
    private static void Register()
    {
        var bytes = 0;
        if (RegGetValueW(LocalMachine, Key, MessageFile, AnyText, IntPtr.Zero, IntPtr.Zero, ref bytes) == 0)
            return;
        if (FindMessages(File.Exists) is not { } messages)
            return;
        if (RegCreateKeyExW(LocalMachine, Key, 0, null, 0, SetValue, IntPtr.Zero, out var key, IntPtr.Zero) != 0)
            return;
        try
        {
            var types = AllTypes;
            RegSetValueExW(key, "TypesSupported", 0, Number, ref types, sizeof(int));
            RegSetValueExW(key, MessageFile, 0, ExpandableText, messages, (messages.Length + 1) * sizeof(char));
        }
        finally
        {
            RegCloseKey(key);
        }
    }

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr RegisterEventSourceW(string? server, string source);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool ReportEventW(
        IntPtr log,
        ushort type,
        ushort category,
        uint id,
        IntPtr user,
        ushort count,
        uint dataSize,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPWStr)] string[] strings,
        IntPtr data
    );

    [DllImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool DeregisterEventSource(IntPtr log);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegGetValueW(
        IntPtr key,
        string subKey,
        string value,
        uint flags,
        IntPtr type,
        IntPtr data,
        ref int bytes
    );

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegCreateKeyExW(
        IntPtr key,
        string subKey,
        int reserved,
        string? keyClass,
        uint options,
        uint access,
        IntPtr security,
        out IntPtr opened,
        IntPtr disposition
    );

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegSetValueExW(IntPtr key, string value, int reserved, uint type, string data, int bytes);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegSetValueExW(
        IntPtr key,
        string value,
        int reserved,
        uint type,
        ref int data,
        int bytes
    );

    [DllImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int RegCloseKey(IntPtr key);
}
