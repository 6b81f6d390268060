using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using HyperVBackup.Files;
using Xunit;

namespace HyperVBackup.Tests;

/// <summary>What the tests run on, and the words with which they decline to.</summary>
internal static class Platform
{
    private static readonly Lazy<bool> Wine = new(() => PathOf.IsWindows && HasWineExport());
    private static readonly Lazy<bool> Root = new(() => PathOf.IsWindows ? IsUserAnAdmin() : geteuid() == 0);

    /// <summary>Windows, or Wine.</summary>
    public static bool IsWindows => PathOf.IsWindows;

    /// <summary>
    /// Wine: Windows code runs, but sparse files, links, streams, ACLs and creation times are only pretended.
    /// </summary>
    public static bool IsWine => Wine.Value;

    /// <summary>Root, or an elevated administrator: permissions do not stop this process.</summary>
    public static bool IsRoot => Root.Value;

    /// <summary>For tests of Windows code that Wine runs faithfully too.</summary>
    public static void NeedsWindowsOrWine() => Assert.SkipUnless(IsWindows, "needs Windows or Wine");

    /// <summary>For tests of what Wine only pretends.</summary>
    /// <param name="what">What Wine cannot show, e.g. "junctions".</param>
    public static void NeedsWindows(string what) => Assert.SkipUnless(IsWindows && !IsWine, "needs Windows: " + what);

    /// <summary>For tests of POSIX code.</summary>
    public static void NeedsPosix() => Assert.SkipWhen(IsWindows, "needs Linux");

    /// <summary>For tests that lock themselves out by permissions, which do not bind root.</summary>
    public static void NeedsAnOrdinaryUser() =>
        Assert.SkipWhen(IsRoot, "needs a user whom permissions bind (this is root)");

    // Wine's own way to be told from Windows: its ntdll alone exports this name.
    private static bool HasWineExport()
    {
        var ntdll = GetModuleHandleW("ntdll.dll");
        return ntdll != IntPtr.Zero && GetProcAddress(ntdll, "wine_get_version") != IntPtr.Zero;
    }

    [SuppressMessage("Style", "IDE1006", Justification = "The name of the C function.")]
    [DllImport("libc")]
    private static extern uint geteuid();

    [DllImport("shell32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool IsUserAnAdmin();

    [DllImport("kernel32", CharSet = CharSet.Unicode)]
    private static extern IntPtr GetModuleHandleW(string name);

    [DllImport("kernel32", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern IntPtr GetProcAddress(IntPtr module, [MarshalAs(UnmanagedType.LPStr)] string name);
}
