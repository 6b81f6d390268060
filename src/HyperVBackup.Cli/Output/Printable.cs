using System.Globalization;
using System.Text;

namespace HyperVBackup.Cli.Output;

/// <summary>
/// Names as they can be shown. A file may be called anything: what is no character (a name that is no valid UTF-8) or would steer the terminal
/// (escape sequences, line breaks, reversed writing) is shown as <c>\udc80</c>, <c>\u001b</c>.
/// </summary>
internal static class Printable
{
    /// <summary>The text with everything escaped that cannot be shown.</summary>
    public static string Text(string text)
    {
        StringBuilder? shown = null;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (isPair || !MustEscape(text[i]))
            {
                shown?.Append(text, i, isPair ? 2 : 1);
                if (isPair) i++;
                continue;
            }

            shown ??= new StringBuilder(text, 0, i, text.Length + 16);
            shown.Append("\\u").Append(((int)text[i]).ToString("x4", CultureInfo.InvariantCulture));
        }

        return shown?.ToString() ?? text;
    }

    /// <summary>The text in at most so many columns: the middle goes, because the ends of a path say most.</summary>
    public static string Shorten(string text, int width)
    {
        const string gap = "...";
        if (text.Length <= width) return text;
        if (width <= gap.Length + 2) return text[..width];
        var tail = (width - gap.Length) * 2 / 3;
        return text[..(width - gap.Length - tail)] + gap + text[^tail..];
    }

    private static bool MustEscape(char c) => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
