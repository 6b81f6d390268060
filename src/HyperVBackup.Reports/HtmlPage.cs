using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>
/// One page in one file: its only style sheet is inside, and a policy of its own forbids everything else, from
/// anywhere. It is HTML that is well-formed XML as
/// well, so that any XML parser can check it.
/// </summary>
internal static class HtmlPage
{
    // HTML 5.3, 12.1.2: these have no end tag, and all others must.
    private static readonly HashSet<string> Void = new(StringComparer.Ordinal) { "meta", "link", "br", "hr", "img" };

    // After these a line ends, for those who read the source; inside of a line, white space would be seen.
    private static readonly HashSet<string> Lines = new(StringComparer.Ordinal)
    {
        "meta",
        "title",
        "link",
        "style",
        "head",
        "header",
        "main",
        "footer",
        "section",
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "pre",
        "svg",
        "g",
    };
    private static readonly Lazy<string> Sheet = new(LoadSheet);

    /// <summary>The style sheet.</summary>
    public static string Style => Sheet.Value;

    /// <summary>The page as text.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="icon">What a tab of a browser shows, as a data URL.</param>
    /// <param name="body">What it holds.</param>
    public static string Render(string title, string icon, params object?[] body)
    {
        var html = El(
            "html",
            At("lang", "en"),
            El(
                "head",
                El("meta", At("charset", "utf-8")),
                El("meta", At("http-equiv", "Content-Security-Policy"), At("content", Policy())),
                El("meta", At("name", "viewport"), At("content", "width=device-width, initial-scale=1")),
                El("meta", At("name", "color-scheme"), At("content", "light dark")),
                El("meta", At("name", "referrer"), At("content", "no-referrer")),
                El("meta", At("name", "robots"), At("content", "noindex, nofollow")),
                El(
                    "meta",
                    At("name", "generator"),
                    At("content", "HyperVBackup " + typeof(HtmlPage).Assembly.GetName().Version?.ToString(3))
                ),
                El("title", title),
                El("link", At("rel", "icon"), At("href", icon)),
                // Not through El: line breaks of a style sheet are line breaks.
                new XElement(Xhtml + "style", Style)
            ),
            El("body", body)
        );
        foreach (
            var element in html.DescendantsAndSelf()
                .Where(element =>
                    element.IsEmpty && element.Name.Namespace == Xhtml && !Void.Contains(element.Name.LocalName)
                )
        )
            element.Value = "";
        foreach (
            var element in html.Descendants()
                .Where(element => Lines.Contains(element.Name.LocalName) && element.NextNode is not XText)
                .ToList()
        )
            element.AddAfterSelf("\n");
        return "<!DOCTYPE html>\n" + Text(html) + "\n";
    }

    // CSP Level 3: the hash of the text between the tags allows this style sheet and no other; no style attributes, no
    // scripts, nothing loaded.
    private static string Policy()
    {
        using var sha = SHA256.Create();
        return "default-src 'none'; style-src 'sha256-"
            + Convert.ToBase64String(sha.ComputeHash(Encoding.UTF8.GetBytes(Style)))
            + "'; img-src data:; base-uri 'none'; form-action 'none'";
    }

    private static string Text(XElement html)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (
            var writer = XmlWriter.Create(
                text,
                new XmlWriterSettings
                {
                    OmitXmlDeclaration = true,
                    NewLineHandling = NewLineHandling.None,
                    CheckCharacters = true,
                }
            )
        )
            html.WriteTo(writer);
        return text.ToString();
    }

    private static string LoadSheet()
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream("HyperVBackup.Reports.report.css")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // As a browser sees it, which takes every line break for one character: the hash is over that.
        return "\n" + reader.ReadToEnd().Replace("\r\n", "\n");
    }
}
