using System.Globalization;
using System.Text;

namespace HyperVBackup.Text;

/// <summary>
/// Names as they can be shown. A file may be called anything: what is no character (a name that is no valid UTF-8) or
/// would steer whatever shows it
/// (escape sequences, line breaks, reversed writing) is shown as <c>\udc80</c>, <c>\u001b</c>.
/// </summary>
public static class VisibleText
{
    /// <summary>
    /// The text with everything escaped that cannot be shown. What comes back is valid Unicode, and valid in XML but
    /// for its markup.
    /// </summary>
    public static string Of(string text)
    {
        StringBuilder? shown = null;
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (isPair || !MustEscape(text[i]))
            {
                shown?.Append(text, i, isPair ? 2 : 1);
                if (isPair)
                    i++;
                continue;
            }

            shown ??= new StringBuilder(text, 0, i, text.Length + 16);
            shown.Append("\\u").Append(((int)text[i]).ToString("x4", CultureInfo.InvariantCulture));
        }

        return shown?.ToString() ?? text;
    }

    // U+FFFE and U+FFFF are no characters (Unicode 23.7), and XML 1.0 (2.2) has no place for them.
    private static bool MustEscape(char c) =>
        c >= '\uFFFE'
        || char.GetUnicodeCategory(c)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
