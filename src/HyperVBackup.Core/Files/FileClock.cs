using System;
using System.Threading;

namespace HyperVBackup.Files;

/// <summary>
/// How coarse the time stamps of files are. Systems stamp with a clock that ticks (Linux: up to 10 ms, inode(7) and the
/// kernel's current_time; Windows: 15.6 ms), some
/// file systems keep whole seconds, FAT every other one. Two changes within one tick have one time.
/// </summary>
internal static class FileClock
{
    /// <summary>Longer than any system's tick.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than what stamps in whole seconds, or in every other one, leave open.</summary>
    public static readonly TimeSpan WholeSeconds = TimeSpan.FromSeconds(2.5);

    /// <summary>How long a time that is no finer than this leaves open when it was.</summary>
    public static TimeSpan Grain(FileTime time) => time.Nanoseconds == 0 ? WholeSeconds : Tick;

    /// <summary>
    /// Whether a time is so much older than another that a change after it would have a time of its own.
    /// </summary>
    public static bool IsOlder(FileTime time, FileTime than) =>
        than != default && time.ToDateTime() + Grain(time) < than.ToDateTime();

    /// <summary>
    /// Waits until a change that comes now would show in a file's times: a file that is being written to at this very
    /// moment could otherwise change within the tick that
    /// its times are of. Times of the future, after a clock was put back, are not waited for.
    /// </summary>
    /// <returns>Whether it had to wait.</returns>
    public static bool WaitOut(FileTime changed, CancellationToken cancel)
    {
        var now = DateTime.UtcNow;
        var seen = changed.ToDateTime();
        if (seen > now || seen + Tick <= now)
            return false;
        cancel.WaitHandle.WaitOne(seen + Tick - now);
        return true;
    }
}
