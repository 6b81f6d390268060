using System.Globalization;
using System.Linq;
using System.Xml.Linq;
using HyperVBackup.Text;

namespace HyperVBackup.Reports;

/// <summary>
/// Elements of the page. The one way a string gets into it: as text or as the value of an attribute, with what cannot
/// be shown made visible here and markup
/// escaped by the writer.
/// </summary>
internal static class Html
{
    /// <summary>The namespace of HTML's elements.</summary>
    public static readonly XNamespace Xhtml = "http://www.w3.org/1999/xhtml";

    /// <summary>The namespace of SVG's elements.</summary>
    public static readonly XNamespace SvgNames = "http://www.w3.org/2000/svg";

    /// <summary>An element of HTML with attributes, elements, texts, and lists of them; null is nothing.</summary>
    public static XElement El(string name, params object?[] content) => new(Xhtml + name, content.Select(Safe));

    /// <summary>An element of HTML with a class.</summary>
    public static XElement Div(string kind, params object?[] content) =>
        new(Xhtml + "div", At("class", kind), content.Select(Safe));

    /// <summary>A run of text with a class.</summary>
    public static XElement Span(string kind, params object?[] content) =>
        new(Xhtml + "span", At("class", kind), content.Select(Safe));

    /// <summary>A paragraph.</summary>
    public static XElement P(string kind, params object?[] content) =>
        new(Xhtml + "p", At("class", kind), content.Select(Safe));

    /// <summary>An element of SVG.</summary>
    public static XElement Svg(string name, params object?[] content) => new(SvgNames + name, content.Select(Safe));

    /// <summary>An attribute.</summary>
    public static XAttribute At(string name, string value) => new(name, VisibleText.Of(value));

    /// <summary>An attribute with a number, as CSS and SVG write numbers.</summary>
    public static XAttribute At(string name, double value) => new(name, Number(value));

    /// <summary>An attribute with a part of the whole width.</summary>
    public static XAttribute Percent(string name, double value) => new(name, Number(value) + "%");

    /// <summary>A number as SVG writes it, with two digits: nobody sees more.</summary>
    public static string Number(double value) =>
        System.Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    private static object? Safe(object? content) =>
        content is string text ? new XText(VisibleText.Of(text))
        : content is System.Collections.IEnumerable many and not XElement ? many.Cast<object?>().Select(Safe)
        : content;
}
