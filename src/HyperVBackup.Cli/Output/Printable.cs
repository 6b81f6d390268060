using HyperVBackup.Text;

namespace HyperVBackup.Cli.Output;

/// <summary>Names as the terminal can show them.</summary>
internal static class Printable
{
    /// <summary>The text with everything escaped that cannot be shown.</summary>
    public static string Text(string text) => VisibleText.Of(text);

    /// <summary>The text in at most so many columns: the middle goes, because the ends of a path say most.</summary>
    public static string Shorten(string text, int width)
    {
        const string gap = "...";
        if (text.Length <= width)
            return text;
        if (width <= gap.Length + 2)
            return text[..width];
        var tail = (width - gap.Length) * 2 / 3;
        return text[..(width - gap.Length - tail)] + gap + text[^tail..];
    }
}
