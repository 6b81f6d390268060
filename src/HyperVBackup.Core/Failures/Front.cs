using System.Text;

namespace HyperVBackup.Failures;

/// <summary>
/// Through which of its fronts the library speaks: what to do about a failure is said in the words of the one that
/// somebody uses.
/// </summary>
public enum Front
{
    /// <summary><c>hvbackup</c>: options, such as <c>--force</c>.</summary>
    CommandLine,

    /// <summary>The cmdlets: parameters, such as <c>-Force</c>.</summary>
    PowerShell,
}

/// <summary>
/// Words that differ between the fronts, in texts that are the same: <c>{--force|-Force}</c> is the one for the command
/// line and the other for PowerShell. A process has one front. Only for texts of ours: names of files may hold braces.
/// </summary>
public static class FrontWords
{
    /// <summary>The front of this process.</summary>
    public static Front Current { get; set; } = Front.CommandLine;

    /// <summary>A text in the words of this process's front.</summary>
    public static string Of(string text) => Of(text, Current);

    /// <summary>A text in the words of a front.</summary>
    public static string Of(string text, Front front)
    {
        var words = new StringBuilder();
        var at = 0;
        while (text.IndexOf('{', at) is >= 0 and var open)
        {
            var bar = text.IndexOf('|', open);
            var close = text.IndexOf('}', open);
            if (bar < 0 || close < bar)
                break;
            words.Append(text, at, open - at);
            if (front == Front.CommandLine)
                words.Append(text, open + 1, bar - open - 1);
            else
                words.Append(text, bar + 1, close - bar - 1);
            at = close + 1;
        }

        return words.Append(text, at, text.Length - at).ToString();
    }
}
