using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace HyperVBackup.Walking;

/// <summary>
/// Which files are copied. Patterns are ROBOCOPY's: <c>*</c> any run of characters, <c>?</c> any one, case ignored,
/// <c>*.*</c> every name.
/// A pattern without a separator is matched with the name, in any folder; with one, with the path below the source
/// (<c>*</c> stays inside one folder, <c>**</c> crosses them). <em>Include</em> chooses files: folders are always
/// walked and kept, as ROBOCOPY /E does.
/// <em>Exclude</em> takes out files, and folders with all they hold, and wins over include.
/// </summary>
public sealed class GlobFilter
{
    private readonly List<Pattern> _include;
    private readonly List<Pattern> _exclude;

    /// <summary>A filter from patterns; none to include means all.</summary>
    public GlobFilter(IEnumerable<string>? include = null, IEnumerable<string>? exclude = null)
    {
        _include = (include ?? Array.Empty<string>()).Select(pattern => new Pattern(pattern)).ToList();
        _exclude = (exclude ?? Array.Empty<string>()).Select(pattern => new Pattern(pattern)).ToList();
    }

    /// <summary>The filter that takes everything.</summary>
    public static GlobFilter All { get; } = new();

    /// <summary>The include patterns as given.</summary>
    public IReadOnlyList<string> Include => _include.ConvertAll(pattern => pattern.Text);

    /// <summary>The exclude patterns as given.</summary>
    public IReadOnlyList<string> Exclude => _exclude.ConvertAll(pattern => pattern.Text);

    /// <summary>
    /// Whether a file (or a link) at this path below the source, '/' separated, is copied, provided its folders are
    /// walked.
    /// </summary>
    public bool TakesFile(string relativePath) =>
        (_include.Count == 0 || _include.Any(pattern => pattern.Matches(relativePath)))
        && !_exclude.Any(pattern => pattern.Matches(relativePath));

    /// <summary>Whether a folder at this path below the source is walked.</summary>
    public bool TakesFolder(string relativePath) => !_exclude.Any(pattern => pattern.Matches(relativePath));

    /// <summary>
    /// Whether a walk of the source comes to a folder: it takes it and all those above it. "" is the source.
    /// </summary>
    public bool Reaches(string relativePath)
    {
        for (var slash = relativePath.IndexOf('/'); slash >= 0; slash = relativePath.IndexOf('/', slash + 1))
            if (!TakesFolder(relativePath.Substring(0, slash)))
                return false;
        return relativePath.Length == 0 || TakesFolder(relativePath);
    }

    /// <summary>Why a pattern cannot be used; null when it can.</summary>
    public static string? WhyNot(string? pattern) =>
        string.IsNullOrWhiteSpace(pattern) ? "an empty pattern matches nothing; leave it out, or write '*'"
        : pattern!.Split('/', '\\').Any(part => part == "..")
            ? "patterns are matched below the source; '..' would leave it"
        : null;

    private sealed class Pattern
    {
        private readonly Regex? _regex;
        private readonly bool _byPath;

        public Pattern(string text)
        {
            Text = text;
            var slashed = text.Replace('\\', '/').Trim('/');
            _byPath = slashed.Contains("/");
            if (slashed != "*" && slashed != "*.*" && slashed != "**")
                _regex = new Regex(
                    Translate(slashed),
                    RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline
                );
        }

        public string Text { get; }

        public bool Matches(string relativePath) =>
            _regex == null
            || _regex.IsMatch(_byPath ? relativePath : relativePath.Substring(relativePath.LastIndexOf('/') + 1));

        private static string Translate(string glob)
        {
            var regex = new StringBuilder("\\A");
            for (var i = 0; i < glob.Length; i++)
            {
                var c = glob[i];
                if (c == '*' && i + 1 < glob.Length && glob[i + 1] == '*')
                {
                    i++;
                    if (i + 1 < glob.Length && glob[i + 1] == '/')
                    {
                        i++;
                        regex.Append("(?:.*/)?");
                    }
                    else
                    {
                        regex.Append(".*");
                    }
                }
                else if (c == '*')
                {
                    regex.Append("[^/]*");
                }
                else if (c == '?')
                {
                    regex.Append("[^/]");
                }
                else
                {
                    regex.Append(Regex.Escape(c.ToString()));
                }
            }

            return regex.Append("\\z").ToString();
        }
    }
}
