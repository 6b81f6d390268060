using System.Linq;
using System.Text;

namespace HyperVBackup.Host;

/// <summary>One entry of the system's log.</summary>
/// <param name="Kind">The event.</param>
/// <param name="Text">What is said, in lines; the first stands for all of them.</param>
internal sealed record LogEvent(EventKind Kind, string Text)
{
    /// <summary>
    /// The most characters of a string that the Windows event log takes: "ReportEventW function", Microsoft Learn.
    /// </summary>
    public const int MostInEvent = 31_839;

    // A line of syslog is cut by daemons at anything from 1,024 bytes on; this is what people read.
    private const int MostInLine = 2000;

    private const string Cut = " ... (cut here; the log of the run has it all)";

    /// <summary>How bad it is.</summary>
    public EventLevel Level => EventCatalogue.Of(Kind).Level;

    /// <summary>The text as the Windows event log takes it.</summary>
    public string ForEventLog()
    {
        var text = new StringBuilder(Text.Length);
        for (var i = 0; i < Text.Length; i++)
        {
            var c = Text[i];
            text.Append(c is '\n' or '\t' || !char.IsControl(c) ? c : '?');
            // Viewers take %1 in a text for a place to put another one.
            if (c == '%' && i + 1 < Text.Length && (Text[i + 1] == '%' || char.IsDigit(Text[i + 1])))
                text.Append(' ');
        }

        return Shorten(text.Replace("\n", "\r\n").ToString(), MostInEvent);
    }

    /// <summary>The text as a line of syslog.</summary>
    public string ForSyslog()
    {
        var lines = Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
        var text = string.Concat(string.Join(" ", lines).Select(c => char.IsControl(c) ? '?' : c));
        return Shorten(
            EventCatalogue.Source + " " + (int)Kind + " (" + Level.ToString().ToLowerInvariant() + "): " + text,
            MostInLine
        );
    }

    private static string Shorten(string text, int most)
    {
        if (text.Length <= most)
            return text;
        var end = most - Cut.Length;
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return text.Substring(0, end) + Cut;
    }
}
