using System.Globalization;

namespace HyperVBackup.Plans;

/// <summary>
/// Whether a text is JSON as RFC 8259 has it, with two things more that people who write by hand expect: comments, and
/// a comma behind the last item. The reader behind it takes far more (single quotes, names without quotes, hexadecimal
/// numbers, NaN), which no other program that checks a plan would take for the same, or at all.
/// </summary>
internal sealed class JsonSyntax
{
    private const int Deepest = 32;
    private readonly string _text;
    private int _at;

    private JsonSyntax(string text) => _text = text;

    /// <summary>What is wrong first, with its line and what would be right; null: nothing is.</summary>
    public static string? Problem(string text)
    {
        var syntax = new JsonSyntax(text);
        var problem =
            syntax.Value(0)
            ?? syntax.Blank()
            ?? (syntax._at < text.Length ? "something follows the end of the plan" : null);
        return problem == null ? null : syntax.Where() + ": " + problem;
    }

    private char Next => _at < _text.Length ? _text[_at] : '\0';

    private string Where()
    {
        var (line, start) = (1, 0);
        for (var i = 0; i < _at && i < _text.Length; i++)
        {
            if (_text[i] != '\n')
                continue;
            line++;
            start = i + 1;
        }

        return string.Format(CultureInfo.InvariantCulture, "line {0}, column {1}", line, _at - start + 1);
    }

    private string? Value(int depth)
    {
        if (Blank() is { } problem)
            return problem;
        if (depth > Deepest)
            return "it is nested too deeply";
        switch (Next)
        {
            case '{':
                return Items(depth, '}', () => Property(depth));
            case '[':
                return Items(depth, ']', () => Value(depth + 1));
            case '"':
                return Text();
            case '\'':
                return "texts stand in double quotes, not in single ones";
            case '\0' when _at >= _text.Length:
                return _text.Trim().Length == 0 ? "it is empty" : "it ends too early; a value is missing";
            default:
                return Word();
        }
    }

    private string? Property(int depth)
    {
        if (Next != '"')
            return Next == '\''
                ? "names stand in double quotes, not in single ones"
                : "a name in double quotes is missing";
        if (Text() is { } problem)
            return problem;
        if (Blank() is { } blank)
            return blank;
        if (Next != ':')
            return "a colon is missing behind the name";
        _at++;
        return Value(depth + 1);
    }

    private string? Items(int depth, char end, System.Func<string?> item)
    {
        _at++;
        while (true)
        {
            if (Blank() is { } problem)
                return problem;
            if (Next == end)
                break;
            if ((item() ?? Blank()) is { } wrong)
                return wrong;
            if (Next == end)
                break;
            if (_at >= _text.Length)
                return "it ends too early; a '" + end + "' is missing";
            if (Next != ',')
                return "a comma or a '" + end + "' is missing";
            _at++;
        }

        _at++;
        return null;
    }

    private string? Text()
    {
        _at++;
        while (true)
        {
            if (_at >= _text.Length)
                return "a text has no closing quote";
            var c = _text[_at];
            if (c == '"')
                break;
            if (c < ' ')
                return c is '\n' or '\r'
                    ? "a text has no closing quote on its line"
                    : "a text holds a control character; write it as \\u"
                        + ((int)c).ToString("x4", CultureInfo.InvariantCulture);
            if (c == '\\' && Escape() is { } problem)
                return problem;
            _at++;
        }

        _at++;
        return null;
    }

    // A path of Windows with single backslashes is the commonest slip of all.
    private string? Escape()
    {
        var escaped = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        if (escaped == 'u')
        {
            for (var i = _at + 2; i < _at + 6; i++)
                if (i >= _text.Length || "0123456789abcdefABCDEF".IndexOf(_text[i]) < 0)
                    return "\\u needs four hexadecimal digits; a backslash itself is written \\\\";
            _at += 5;
            return null;
        }

        if ("\"\\/bfnrt".IndexOf(escaped) < 0)
            return "'\\" + escaped + "' means nothing; a backslash itself is written \\\\, as in \"D:\\\\VMs\"";
        _at++;
        return null;
    }

    private string? Word()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || "+-._$".IndexOf(_text[_at]) >= 0))
            _at++;
        var word = _text.Substring(start, _at - start);
        if (word is "true" or "false" or "null" || IsNumber(word))
            return null;
        _at = start;
        if (word.Length == 0)
            return "'" + Next + "' cannot stand here";
        return char.IsDigit(word[0]) || word[0] is '-' or '+' or '.'
            ? "'" + word + "' is no number as JSON has them"
            : "'" + word + "' is no value; texts stand in double quotes, and there are true, false and numbers";
    }

    private static bool IsNumber(string word)
    {
        var at = 0;
        bool Digits()
        {
            var first = at;
            while (at < word.Length && word[at] is >= '0' and <= '9')
                at++;
            return at > first;
        }

        if (at < word.Length && word[at] == '-')
            at++;
        var whole = at;
        if (!Digits() || (word[whole] == '0' && at > whole + 1))
            return false;
        if (at < word.Length && word[at] == '.')
        {
            at++;
            if (!Digits())
                return false;
        }

        if (at < word.Length && word[at] is 'e' or 'E')
        {
            at++;
            if (at < word.Length && word[at] is '+' or '-')
                at++;
            if (!Digits())
                return false;
        }

        return at == word.Length;
    }

    // White space of RFC 8259, and comments.
    private string? Blank()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\r' or '\n')
            {
                _at++;
            }
            else if (string.CompareOrdinal(_text, _at, "//", 0, 2) == 0)
            {
                while (_at < _text.Length && _text[_at] is not ('\n' or '\r'))
                    _at++;
            }
            else if (string.CompareOrdinal(_text, _at, "/*", 0, 2) == 0)
            {
                var end = _text.IndexOf("*/", _at + 2, System.StringComparison.Ordinal);
                if (end < 0)
                    return "a comment has no end";
                _at = end + 2;
            }
            else
            {
                return null;
            }
        }

        return null;
    }
}
