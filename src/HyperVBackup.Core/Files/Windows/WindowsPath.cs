using System;
using HyperVBackup.Failures;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// Paths as they are given to Windows: always with <c>\\?\</c>, so that nothing is too long and trailing dots and
/// spaces survive ("Naming Files, Paths, and Namespaces"). Device objects pass as they are.
/// </summary>
internal static class WindowsPath
{
    private const string Verbatim = @"\\?\";
    private const string VerbatimUnc = @"\\?\UNC\";

    /// <summary>
    /// The path for a native call. Refuses names that Windows would take for something else: "." and "..", and
    /// alternate streams.
    /// </summary>
    public static string ToNative(string path, string operation)
    {
        var native = AddPrefix(path.Replace('/', '\\'), path);
        Check(native, path, operation);

        // A volume's own name is the raw device; its root folder is the same with a separator.
        return PathOf.Parent(native) == null && native[native.Length - 1] != '\\' ? native + '\\' : native;
    }

    /// <summary>
    /// A native path as people write it. What has no such form (device objects, volume names) stays as it is.
    /// </summary>
    public static string ToDisplay(string native)
    {
        if (native.StartsWith(VerbatimUnc, StringComparison.OrdinalIgnoreCase))
            return @"\\" + native.Substring(VerbatimUnc.Length);
        return native.StartsWith(Verbatim, StringComparison.Ordinal) && IsDrive(native, 4)
            ? native.Substring(4)
            : native;
    }

    /// <summary>Whether the path begins with a drive letter and colon at an index.</summary>
    public static bool IsDrive(string path, int index) =>
        path.Length > index + 1 && path[index + 1] == ':' && (path[index] | 0x20) is >= 'a' and <= 'z';

    private static string AddPrefix(string path, string asGiven)
    {
        if (PathOf.IsDevicePath(path))
            return path;
        if (path.StartsWith(@"\\", StringComparison.Ordinal))
            return VerbatimUnc + path.Substring(2);
        if (IsDrive(path, 0) && (path.Length == 2 || path[2] == '\\'))
            return Verbatim + path;
        throw new ArgumentException("Not an absolute path: " + asGiven, nameof(path));
    }

    private static void Check(string native, string path, string operation)
    {
        // "\\?\" and "\\.\" are 4 characters; then only a drive may have a colon.
        var start = IsDrive(native, 4) ? 6 : 4;
        var colon = native.IndexOf(':', start);
        if (colon >= 0)
            throw new BackupException(
                FailureKind.NotSupported,
                path,
                operation,
                "a name on Windows cannot hold a colon (it would name an alternate stream)"
            );
        for (var i = start; i < native.Length; )
        {
            var end = native.IndexOf('\\', i);
            if (end < 0)
                end = native.Length;
            var dots = end - i is 1 or 2 && native[i] == '.' && native[end - 1] == '.';
            if (dots)
                throw new BackupException(FailureKind.NotSupported, path, operation, "'.' and '..' are no names");
            i = end + 1;
        }
    }
}
