using System;
using System.Globalization;

namespace HyperVBackup.Files;

/// <summary>
/// A time stamp as file systems keep it: whole seconds since 1970-01-01 UTC, negative before, and nanoseconds
/// 0…999,999,999.
/// A <see cref="DateTime"/> would cut POSIX stamps to 100 ns, and copies would never compare equal.
/// </summary>
public readonly record struct FileTime(long Seconds, int Nanoseconds) : IComparable<FileTime>
{
    private const long UnixEpochTicks = 621_355_968_000_000_000;
    private const long FileTimeEpochTicks = 504_911_232_000_000_000;

    /// <summary>From a UTC time.</summary>
    public static FileTime FromDateTime(DateTime utc) => FromTicks(utc.ToUniversalTime().Ticks - UnixEpochTicks);

    /// <summary>From a Windows FILETIME: 100 ns units since 1601-01-01 UTC.</summary>
    public static FileTime FromWindows(long fileTime) => FromTicks(fileTime + FileTimeEpochTicks - UnixEpochTicks);

    /// <summary>As a Windows FILETIME: 100 ns units since 1601-01-01 UTC; finer digits are cut.</summary>
    public long ToWindows() => ToTicks() + UnixEpochTicks - FileTimeEpochTicks;

    /// <summary>As a UTC time, cut to 100 ns and to what <see cref="DateTime"/> can hold.</summary>
    public DateTime ToDateTime()
    {
        var ticks = Math.Max(DateTime.MinValue.Ticks, Math.Min(DateTime.MaxValue.Ticks, ToTicks() + UnixEpochTicks));
        return new DateTime(ticks, DateTimeKind.Utc);
    }

    /// <summary>
    /// Whether it is the same time. By hand, as it is asked of every file: what a record makes of itself is slower in
    /// code that is compiled ahead of time.
    /// </summary>
    public bool Equals(FileTime other) => Seconds == other.Seconds && Nanoseconds == other.Nanoseconds;

    /// <inheritdoc/>
    public override int GetHashCode() => Seconds.GetHashCode() ^ Nanoseconds;

    /// <inheritdoc/>
    public int CompareTo(FileTime other) =>
        Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Whether the left time is earlier.</summary>
    public static bool operator <(FileTime left, FileTime right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left time is later.</summary>
    public static bool operator >(FileTime left, FileTime right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left time is not later.</summary>
    public static bool operator <=(FileTime left, FileTime right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left time is not earlier.</summary>
    public static bool operator >=(FileTime left, FileTime right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() =>
        ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static FileTime FromTicks(long ticks)
    {
        var seconds = ticks / 10_000_000;
        var rest = ticks % 10_000_000;
        if (rest < 0)
        {
            seconds--;
            rest += 10_000_000;
        }

        return new FileTime(seconds, (int)rest * 100);
    }

    private long ToTicks()
    {
        const long most = long.MaxValue / 10_000_000 - 1 - FileTimeEpochTicks / 10_000_000;
        return Math.Max(-most, Math.Min(most, Seconds)) * 10_000_000 + Nanoseconds / 100;
    }
}
