using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Reports;
using Xunit;

namespace HyperVBackup.Tests.Reports;

/// <summary>
/// The colours of both schemes against WCAG 2.2, level AA: 4.5 to 1 for text (1.4.3), 3 to 1 for what must be told
/// apart in pictures (1.4.11).
/// </summary>
public sealed class ContrastTests
{
    public static TheoryData<string, int> Schemes =>
        new()
        {
            { "light", 0 },
            { "dark", 1 },
            { "print", 2 },
        };

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Text_can_be_read(string scheme, int index)
    {
        var colours = Scheme(index);
        foreach (var text in new[] { "ink", "soft", "good", "warn", "bad", "off", "link" })
            Check(scheme, colours, text, "card", 4.5);
        foreach (var text in new[] { "ink", "soft" })
            Check(scheme, colours, text, "page", 4.5);
        Check(scheme, colours, "ink", "code", 4.5);
        Check(scheme, colours, "alert-ink", "alert", 4.5);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Shapes_can_be_seen(string scheme, int index)
    {
        var colours = Scheme(index);
        foreach (var shape in new[] { "good-fill", "warn-fill", "bad-fill", "off-fill" })
        {
            Check(scheme, colours, shape, "card", 3);
            Check(scheme, colours, "cut", shape, 3);
        }

        Check(scheme, colours, "alert-line", "alert", 3);
    }

    private static Dictionary<string, string> Scheme(int index) =>
        Regex
            .Matches(
                Regex.Matches(HtmlPage.Style, ":root \\{[^}]*--page[^}]*\\}")[index].Value,
                "--([a-z-]+): (#[0-9a-f]{6})"
            )
            .ToDictionary(colour => colour.Groups[1].Value, colour => colour.Groups[2].Value);

    private static void Check(string scheme, Dictionary<string, string> colours, string one, string other, double least)
    {
        var (bright, dark) = (
            Math.Max(Luminance(colours[one]), Luminance(colours[other])),
            Math.Min(Luminance(colours[one]), Luminance(colours[other]))
        );
        var contrast = (bright + 0.05) / (dark + 0.05);
        Assert.True(contrast >= least, $"{scheme}: --{one} on --{other} has {contrast:0.00} to 1, and needs {least}");
    }

    private static double Luminance(string colour)
    {
        double Part(int at)
        {
            var value = int.Parse(colour.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Part(1)) + (0.7152 * Part(3)) + (0.0722 * Part(5));
    }
}
