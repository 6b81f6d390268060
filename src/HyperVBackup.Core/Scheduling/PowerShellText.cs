using System.Globalization;
using System.Linq;
using System.Text;

namespace HyperVBackup.Scheduling;

/// <summary>
/// Words of a PowerShell command that passes, before PowerShell reads it, through Task Scheduler (which puts values for
/// <c>%NAME%</c> and <c>$(Arg0)</c>) and
/// through the rules of a Windows command line (where a quotation mark ends an argument). No text that comes from a
/// path may mean anything to any of them.
/// </summary>
internal static class PowerShellText
{
    /// <summary>
    /// A text as an expression that is it, and nothing else: <c>'C:\it''s here'</c>,
    /// <c>('C:\100'+[char]37+'\plan.json')</c>.
    /// </summary>
    public static string Literal(string text)
    {
        if (text.Length > 0 && !text.Where((_, at) => IsSpoken(text, at)).Any())
            return "'" + Quoted(text) + "'";
        var expression = new StringBuilder();
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsSpoken(text, i))
            {
                plain.Append(text[i]);
                continue;
            }

            AddPlain(expression, plain);
            // The sum is a text, even when its first part is a character.
            expression
                .Append(expression.Length == 0 ? "''" : "")
                .Append("+[char]")
                .Append(((int)text[i]).ToString(CultureInfo.InvariantCulture));
        }

        AddPlain(expression, plain);
        return text.Length == 0 ? "''" : "(" + expression + ")";
    }

    // The typographic quotation marks are quotation marks to PowerShell, too.
    private static string Quoted(string text) =>
        string.Concat(
            text.Select(c =>
                c is '\'' or '\u2018' or '\u2019' or '\u201a' or '\u201b' ? new string(c, 2) : c.ToString()
            )
        );

    private static void AddPlain(StringBuilder expression, StringBuilder plain)
    {
        if (plain.Length == 0)
            return;
        expression.Append(expression.Length == 0 ? "" : "+").Append('\'').Append(Quoted(plain.ToString())).Append('\'');
        plain.Clear();
    }

    // Written by its number: what somebody on the way would take for his own, and what XML cannot hold.
    private static bool IsSpoken(string text, int at)
    {
        var c = text[at];
        if (c is '%' or '"' || char.IsControl(c) || c >= '\ufffe')
            return true;
        if (c == '$')
            return at + 1 < text.Length && text[at + 1] == '(';
        return char.IsHighSurrogate(c)
            ? at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])
            : char.IsLowSurrogate(c) && (at == 0 || !char.IsHighSurrogate(text[at - 1]));
    }
}
