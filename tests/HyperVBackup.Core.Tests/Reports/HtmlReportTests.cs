using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Reports;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using HyperVBackup.Text;
using Xunit;
using static HyperVBackup.Tests.Reports.Histories;

namespace HyperVBackup.Tests.Reports;

/// <summary>
/// The page, judged by an XML parser: well-formed, self-contained, safe whatever names hold, and the same in words as
/// in pictures.
/// </summary>
public sealed class HtmlReportTests
{
    private static readonly XNamespace H = "http://www.w3.org/1999/xhtml";
    private static readonly XNamespace S = "http://www.w3.org/2000/svg";
    private static readonly string[] MayNotBe =
    [
        "script",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "frame",
        "applet",
        "foreignObject",
        "animate",
        "set",
        "image",
        "feImage",
    ];

    [Fact]
    public void It_says_what_is_stale_first_and_unmistakably()
    {
        var page = Page(Build([Failed(0), Failed(1), Failed(2), Run(3)]));
        var alert = page.Descendants(H + "main").Single().Elements().First();
        Assert.Equal("alert", (string?)alert.Attribute("role"));
        Assert.Equal(
            "No good copy since 2026-01-26 02:00 +01:00 (3 d ago)",
            alert.Descendants(H + "h2").Single().Value
        );
        Assert.Contains(
            "3 runs failed since, the newest because of /e: cannot write: no space is left. Free space on the volume",
            Flat(alert),
            StringComparison.Ordinal
        );
        Assert.Equal("At risk", Badge(page));
    }

    [Fact]
    public void Nothing_is_stale_in_a_good_one()
    {
        var page = Page(Build([Run(0), Run(1)]));
        Assert.DoesNotContain(page.Descendants(), element => (string?)element.Attribute("role") == "alert");
        Assert.Equal("Good", Badge(page));
        Assert.Contains("1 of 1 have a copy newer than 2 d", Flat(page.Root!), StringComparison.Ordinal);
        Assert.Contains("Generated 2026-01-29 10:30 +01:00", Flat(page.Root!), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_history_it_says_so_and_what_to_do()
    {
        var page = Page(Build([]));
        Assert.Equal("No backups yet", Badge(page));
        Assert.Contains("/state/runs", Flat(page.Root!), StringComparison.Ordinal);
        Assert.Contains(
            page.Descendants(H + "pre"),
            command => command.Value.StartsWith("Invoke-HvBackup", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            page.Descendants(S + "svg"),
            svg => ((string?)svg.Attribute("class") ?? "").StartsWith("timeline", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Its_policy_allows_its_own_style_sheet_and_nothing_else()
    {
        var page = Page(Build([Run(0)]));
        var policy = (string?)
            page.Descendants(H + "meta")
                .Single(meta => (string?)meta.Attribute("http-equiv") == "Content-Security-Policy")
                .Attribute("content");
        var style = page.Descendants(H + "style").Single().Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.Equal(
            "default-src 'none'; style-src 'sha256-" + hash + "'; img-src data:; base-uri 'none'; form-action 'none'",
            policy
        );
        // What an XML parser takes for the sheet is what a browser takes for it.
        Assert.DoesNotMatch("[<>&]", style);
        Assert.DoesNotMatch(@"url\(|@import|expression", style);
        Assert.Equal("\n", style[..1]);
        Assert.DoesNotContain('\r', style);
    }

    [Theory]
    [InlineData("hostile")]
    [InlineData("good")]
    [InlineData("empty")]
    [InlineData("machines")]
    public void It_holds_no_script_and_nothing_that_is_loaded(string kind)
    {
        var page = Page(
            Build(
                kind switch
                {
                    "hostile" => Hostile(),
                    "good" => [Run(0)],
                    "machines" => [RunOfMachines(0, "web", "!db"), RunOfMachines(5, "db")],
                    _ => [],
                },
                new ReportOptions { Title = kind == "hostile" ? "</title><script>alert(1)</script>" : null }
            )
        );
        foreach (var element in page.Descendants())
        {
            Assert.DoesNotContain(element.Name.LocalName, MayNotBe);
            foreach (var attribute in element.Attributes())
            {
                Assert.False(
                    attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)
                        || attribute.Name.LocalName is "style" or "src",
                    element.ToString()
                );
                if (attribute.Name.LocalName is "href")
                    Assert.Matches("^(#[a-z0-9-]+|data:image/svg\\+xml,.+)$", attribute.Value);
            }
        }
    }

    [Fact]
    public void Names_are_shown_as_they_are_and_what_cannot_be_shown_is_made_visible()
    {
        var html = Encoding.UTF8.GetString(BackupReport.ToHtml(Build(Hostile())));
        var text = Flat(Parse(html).Root!);
        foreach (
            var shown in new[]
            {
                "<script>alert(1)</script>",
                "\"onmouseover=\"x\"",
                "a&amp;b & c",
                "]]>",
                "</style><img src=x onerror=alert(1)>",
                "line\\u000d\\u000abreak\\u0009and\\u0000\\u001b[2J",
                "\\udc80\\ud800lone",
                "\\ufffe\\uffff",
                "\\u202egnp.exe",
                "\U0001F4BE \u0159e\u0161en\u00ed",
            }
        )
            Assert.Contains(shown, text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("[\u0000-\u0008\u000b-\u001f\ufffe\uffff\u202e]", html);
    }

    [Fact]
    public void Every_name_of_every_character_comes_back_from_the_parser()
    {
        var names = Enumerable
            .Range(0, 0x10000 / 64)
            .Select(block => new string(Enumerable.Range(block * 64, 64).Select(c => (char)c).ToArray()))
            .ToList();
        var page = Page(
            Build(names.Select(name => Run(0) with { Jobs = [Job("/x", folder: "x") with { Source = name }] }))
        );
        var shown = page.Descendants(H + "table")
            .First()
            .Descendants(H + "tr")
            .Skip(1)
            .Select(row => row.Descendants(H + "span").First().Value)
            .ToHashSet();
        Assert.Equal(names.Select(VisibleText.Of).ToHashSet(), shown);
    }

    [Fact]
    public void Pictures_have_a_title_and_the_timeline_a_description_with_the_same_in_words()
    {
        var page = Page(Build([RunOfMachines(0, "web", "!db"), Failed(1), RunOfMachines(5, "web", "db")]));
        foreach (var svg in page.Descendants(S + "svg").Where(svg => (string?)svg.Attribute("role") == "img"))
            Assert.NotEmpty(svg.Element(S + "title")!.Value);
        foreach (var svg in page.Descendants(S + "svg").Where(svg => svg.Attribute("role") == null))
            Assert.Equal("true", (string?)svg.Attribute("aria-hidden"));
        var timeline = page.Descendants(S + "svg").First(svg => (string?)svg.Attribute("class") == "timeline wide");
        Assert.Equal(
            timeline.Element(S + "title")!.Attribute("id")!.Value
                + " "
                + timeline.Element(S + "desc")!.Attribute("id")!.Value,
            (string?)timeline.Attribute("aria-labelledby")
        );
        Assert.Contains(
            "1 complete, 1 with warnings, 1 failed",
            timeline.Element(S + "desc")!.Value,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Tables_have_headings_and_every_state_has_a_word_and_a_shape()
    {
        var page = Page(Build([RunOfMachines(0, "web", "!db"), Failed(1), RunOfMachines(5, "web", "db", "gone")]));
        foreach (var table in page.Descendants(H + "table"))
        {
            Assert.NotEmpty(table.Element(H + "caption")!.Value);
            var columns = table.Element(H + "thead")!.Descendants(H + "th").ToList();
            Assert.All(columns, column => Assert.Equal("col", (string?)column.Attribute("scope")));
            foreach (var row in table.Element(H + "tbody")!.Elements(H + "tr"))
            {
                Assert.Equal(columns.Count, row.Elements().Count());
                Assert.Equal("row", (string?)row.Elements().First().Attribute("scope"));
            }
        }

        foreach (
            var state in page.Descendants(H + "span")
                .Where(span => ((string?)span.Attribute("class") ?? "").StartsWith("state ", StringComparison.Ordinal))
        )
        {
            Assert.NotEmpty(state.Value.Trim());
            Assert.Equal(
                "#" + ((string)state.Attribute("class")!)["state ".Length..],
                (string?)state.Descendants(S + "use").Single().Attribute("href")
            );
        }

        // The four shapes differ in their outlines, not only in their names.
        Assert.Equal(
            4,
            page.Descendants(S + "symbol")
                .Select(symbol =>
                    string.Concat(
                        symbol.Elements().Select(shape => shape.Name.LocalName + (string?)shape.Attribute("d"))
                    )
                )
                .Distinct()
                .Count()
        );
    }

    [Fact]
    public void Ids_are_there_once_and_links_lead_to_them()
    {
        var page = Page(Build(Hostile().Concat([Failed(0), Run(9)])));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(
            page.Descendants().Attributes("href").Where(href => href.Value[0] == '#'),
            href => Assert.Contains(href.Value[1..], ids)
        );
        Assert.All(
            page.Descendants().Attributes("aria-labelledby").SelectMany(by => by.Value.Split(' ')),
            id => Assert.Contains(id, ids)
        );
    }

    [Fact]
    public void Browsers_read_it_as_the_XML_parser_does()
    {
        var html = Encoding.UTF8.GetString(BackupReport.ToHtml(Build([Run(0)])));
        Assert.StartsWith(
            "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">",
            html.Replace(
                "xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"",
                "lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"",
                StringComparison.Ordinal
            ),
            StringComparison.Ordinal
        );
        // In HTML only these may end in "/>"; of all others a browser would see the start only.
        var outside = Regex.Replace(html, "<svg.*?</svg>", "", RegexOptions.Singleline);
        Assert.All(
            Regex.Matches(outside, "<([a-z0-9]+)[^>]*/>"),
            tag => Assert.Contains(tag.Groups[1].Value, new[] { "meta", "link", "br", "hr" })
        );
        Assert.DoesNotContain("CDATA", html, StringComparison.Ordinal);
    }

    [Fact]
    public void How_to_restore_is_a_command_for_the_newest_good_set()
    {
        var commands = Page(
                Build([RunOfMachines(0, "web", "!db"), RunOfMachines(1, "web", "db") with { Set = "SetB" }])
            )
            .Descendants(H + "pre")
            .Select(pre => pre.Value)
            .ToList();
        Assert.Contains("Restore-HvBackup -Path /e -Set SetA -Destination ./Restored", commands);
        Assert.Contains("hvbackup restore /e --set SetA --to Restored", commands);
        Assert.Contains("Restore-HvBackup -Path /e -Set SetB -Include 'db/**' -Destination ./Restored", commands);
        Assert.DoesNotContain("Restore-HvBackup -Path /e -Set SetA -Include 'db/**' -Destination ./Restored", commands);
    }

    [Theory]
    [InlineData(@"E:\", @"E:\")]
    [InlineData("/mnt/usb disk", "'/mnt/usb disk'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\u2019b", "'a\u2019\u2019b'")]
    [InlineData("$(Remove-Item C)", "'$(Remove-Item C)'")]
    [InlineData("-Force", "'-Force'")]
    public void Commands_are_quoted_for_PowerShell(string text, string quoted) =>
        Assert.Equal(quoted, RestoreWords.ForPowerShell(text));

    [Fact]
    public void Commands_are_quoted_for_the_shell()
    {
        Platform.NeedsPosix();
        Assert.Equal("'it'\\''s $HOME'", RestoreWords.ForShell("it's $HOME"));
        Assert.Equal("'a\\b'", RestoreWords.ForShell("a\\b"));
        Assert.Equal("/mnt/usb", RestoreWords.ForShell("/mnt/usb"));
    }

    [Fact]
    public void A_damaged_file_of_the_history_is_counted_and_named()
    {
        var entries = new[]
        {
            new HistoryEntry
            {
                Path = "/state/runs/20260129T010000Z-0.json",
                Problem = new Failure(FailureKind.StateDamaged, "x", "read", "it ends in <the middle>"),
            },
            new HistoryEntry { Path = "x", Result = Run(0) },
        };
        var model = ReportBuilder.Build(entries, [], new ReportOptions { Zone = Zone }, "HV1", "/state/runs", Now);
        var damaged = Page(model)
            .Descendants(H + "section")
            .Single(section => (string?)section.Attribute("aria-labelledby") == "damaged");
        Assert.Contains("1 file of the history could not be read", Flat(damaged), StringComparison.Ordinal);
        Assert.Contains("20260129T010000Z-0.json", Flat(damaged), StringComparison.Ordinal);
        Assert.Contains("it ends in <the middle>", Flat(damaged), StringComparison.Ordinal);
        Assert.Equal(ReportState.Warnings, model.State);
        Assert.Contains(
            "1 of the files in /state/runs could not be read",
            Assert.Single(model.Unreadable),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_thousand_runs_of_a_hundred_machines_with_a_thousand_failures_each_make_a_small_page_soon()
    {
        var names = Enumerable
            .Range(0, 100)
            .Select(i => "vm" + i.ToString("000", System.Globalization.CultureInfo.InvariantCulture))
            .ToArray();
        var failures = Enumerable
            .Range(0, 1000)
            .Select(i => new Failure(FailureKind.IoError, "/vm/disk" + i, "read", "the device reported an error"))
            .ToArray();
        var watch = Stopwatch.StartNew();
        var model = Build(
            Enumerable
                .Range(0, 1000)
                .Select(i =>
                    i % 10 == 3
                        ? Failed(i / 4.0) with
                        {
                            Failures = failures,
                            FailureCount = 1000,
                        }
                        : RunOfMachines(i / 4.0, names)
                )
        );
        var page = BackupReport.ToHtml(model);
        // Generous: it takes a fraction of that, and the machine that runs this may be busy.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
        Assert.InRange(page.Length, 1000, 600_000);
        Assert.Equal((60, 1000), (model.Runs.Count, model.RunCount));
    }

    [Fact]
    public void Missing_runs_are_a_gap_that_says_how_long()
    {
        var page = Page(Build([Run(0), Run(1), Run(2), Run(9), Run(10), Run(11)]));
        Assert.Equal(
            ["no run for 7 d", "no run for 7 d"],
            page.Descendants(S + "text")
                .Where(text => (string?)text.Attribute("class") == "gaptext")
                .Select(text => text.Value)
        );
        var old = Page(Build([Run(6), Run(7), Run(8), Run(9)]));
        Assert.Contains("no run for 6 d", Flat(old.Root!), StringComparison.Ordinal);
    }

    private static XDocument Page(ReportModel model) => Parse(Encoding.UTF8.GetString(BackupReport.ToHtml(model)));

    private static XDocument Parse(string html)
    {
        using var reader = XmlReader.Create(
            new StringReader(html),
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse, XmlResolver = null }
        );
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }

    private static string Badge(XDocument page) =>
        page.Descendants(H + "p")
            .Single(p => ((string?)p.Attribute("class") ?? "").StartsWith("badge", StringComparison.Ordinal))
            .Value.Trim();

    private static string Flat(XElement element) =>
        Regex.Replace(string.Concat(element.DescendantNodes().OfType<XText>().Select(text => text.Value)), "\\n+", " ");
}
