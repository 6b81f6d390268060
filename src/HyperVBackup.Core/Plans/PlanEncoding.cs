using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace HyperVBackup.Plans;

/// <summary>
/// The bytes of a plan as text. A plan is UTF-8; with a byte order mark it may also be UTF-16 or UTF-32, as editors of
/// Windows save it. Anything else is refused: letters that were guessed wrong would make another plan of it, one that
/// leaves out, or copies, other files than were meant.
/// </summary>
internal static class PlanEncoding
{
    private static readonly (byte[] Mark, Encoding Encoding, string Name)[] Marks =
    {
        (new byte[] { 0xEF, 0xBB, 0xBF }, new UTF8Encoding(false, true), "UTF-8"),
        // Before the mark of UTF-16, with which it begins.
        (new byte[] { 0xFF, 0xFE, 0, 0 }, new UTF32Encoding(false, false, true), "UTF-32"),
        (new byte[] { 0, 0, 0xFE, 0xFF }, new UTF32Encoding(true, false, true), "UTF-32"),
        (new byte[] { 0xFF, 0xFE }, new UnicodeEncoding(false, false, true), "UTF-16"),
        (new byte[] { 0xFE, 0xFF }, new UnicodeEncoding(true, false, true), "UTF-16"),
    };

    /// <summary>The text.</summary>
    /// <param name="bytes">All bytes of the file.</param>
    /// <param name="problem">Why they are no text, with the line and the byte, and what would be right; empty if they
    /// are one.</param>
    public static string Decode(byte[] bytes, out string problem)
    {
        problem = "";
        var mark = Marks.FirstOrDefault(known => StartsWith(bytes, known.Mark));
        var start = mark.Mark?.Length ?? 0;
        var encoding = mark.Encoding ?? Marks[0].Encoding;
        var isUtf8 = encoding is UTF8Encoding;
        if (mark.Mark == null && WhyNoUtf8(bytes) is { } why)
            problem = why;
        else if (isUtf8 && FirstWrong(bytes, start) is >= 0 and var at)
            problem = NotUtf8(bytes, start, at);
        if (problem.Length > 0)
            return "";
        try
        {
            return encoding.GetString(bytes, start, bytes.Length - start);
        }
        catch (ArgumentException)
        {
            problem = "it begins with the mark of " + mark.Name + " and is none; save it as UTF-8";
            return "";
        }
    }

    // Every second byte of Latin text in UTF-16 is zero, which no text of a plan has in UTF-8.
    private static string? WhyNoUtf8(byte[] bytes) =>
        Array.IndexOf(bytes, (byte)0) is >= 0 and var zero
            ? "its " + Ordinal(zero + 1) + " byte is zero, as in UTF-16 without a byte order mark; save it as UTF-8"
            : null;

    private static string NotUtf8(byte[] bytes, int start, int at)
    {
        var line = 1;
        var lineStart = start;
        for (var i = start; i < at; i++)
        {
            if (bytes[i] != (byte)'\n')
                continue;
            line++;
            lineStart = i + 1;
        }

        // The letters of code page 1252 and of Latin-1 are those of Unicode from here on.
        var letter = bytes[at] >= 0xA0 ? ", which would be '" + (char)bytes[at] + "' in code page 1252" : "";
        return string.Format(
            CultureInfo.InvariantCulture,
            "line {0}, byte {1}: 0x{2:X2} is no UTF-8{3}; save the file as UTF-8",
            line,
            at - lineStart + 1,
            bytes[at],
            letter
        );
    }

    // RFC 3629, section 4: where the first sequence begins that is none; -1: all are.
    private static int FirstWrong(byte[] bytes, int start)
    {
        for (var i = start; i < bytes.Length; i++)
        {
            var first = bytes[i];
            if (first < 0x80)
                continue;
            var more =
                first is >= 0xC2 and <= 0xDF ? 1
                : first is >= 0xE0 and <= 0xEF ? 2
                : first is >= 0xF0 and <= 0xF4 ? 3
                : 0;
            if (more == 0 || i + more >= bytes.Length)
                return i;
            var second = bytes[i + 1];
            var (least, most) = first switch
            {
                0xE0 => (0xA0, 0xBF),
                0xED => (0x80, 0x9F),
                0xF0 => (0x90, 0xBF),
                0xF4 => (0x80, 0x8F),
                _ => (0x80, 0xBF),
            };
            if (second < least || second > most)
                return i;
            for (var k = 2; k <= more; k++)
                if (bytes[i + k] is < 0x80 or > 0xBF)
                    return i;
            i += more;
        }

        return -1;
    }

    private static bool StartsWith(byte[] bytes, byte[] mark) =>
        bytes.Length >= mark.Length && bytes.Take(mark.Length).SequenceEqual(mark);

    private static string Ordinal(int number) =>
        number.ToString(CultureInfo.InvariantCulture)
        + (
            number switch
            {
                1 => "st",
                2 => "nd",
                3 => "rd",
                _ => "th",
            }
        );
}
