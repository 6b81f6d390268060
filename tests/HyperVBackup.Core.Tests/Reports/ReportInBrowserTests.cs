using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using HyperVBackup.Reports;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Reports;

/// <summary>
/// The page in a real browser: at the widths of a phone and a desk, light and dark. With HVBACKUP_REPORT_PICTURES
/// naming a folder, a longer history is made,
/// and the page and pictures of it are left there.
/// </summary>
public sealed class ReportInBrowserTests
{
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("HVBACKUP_REPORT_PICTURES");

    [Fact]
    public async Task It_fits_every_screen_and_loads_and_runs_nothing()
    {
        Platform.NeedsPosix();
        Browser.Require();
        using var sample =
            Pictures == null
                ? new SampleHistory(SampleSize.ForTests)
                : new SampleHistory(SampleSize.ForPictures, Path.Combine(Pictures, "hv01"));
        using var folder = new TempFolder();
        var page = Encoding.UTF8.GetString(BackupReport.ToHtml(sample.Report(sample.F, sample.G)));
        // A picture is for people who do not know this machine's folders.
        var file = folder.Write(
            "report.html",
            Pictures == null ? page : page.Replace(sample.Root.TrimStart('/'), "hv01", StringComparison.Ordinal)
        );
        if (Pictures != null)
            File.Copy(file, Path.Combine(Pictures, "report.html"), true);
        await using var browser = await Browser.StartAsync();
        await Check(browser, file, "report");
    }

    [Fact]
    public async Task So_does_one_with_names_as_bad_as_can_be()
    {
        await using var browser = await Browser.StartAsync();
        using var folder = new TempFolder();
        var model = Histories.Build(Histories.Hostile());
        await Check(browser, folder.Write("hostile.html", BackupReport.ToHtml(model)), "hostile");
        Assert.Equal(
            0,
            (int?)
                await browser.AskAsync(
                    "document.querySelectorAll('script,img,iframe,object,embed,form,"
                        + "[onclick],[onload],[onerror]').length"
                )
        );
        Assert.Equal(
            model.Items.Count,
            (int?)await browser.AskAsync("document.querySelectorAll('.items tbody tr').length")
        );
        await Check(browser, folder.Write("empty.html", BackupReport.ToHtml(Histories.Build([]))), "empty");
    }

    private static async Task Check(Browser browser, string file, string name)
    {
        foreach (var width in new[] { 320, 390, 768, 1280 })
        foreach (var scheme in new[] { "light", "dark" })
        {
            await browser.OpenAsync(file, width, 900, scheme);
            await browser.AskAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
            var at = name + " at " + width + " px, " + scheme;
            Assert.True(
                (int?)await browser.AskAsync("document.documentElement.scrollWidth") <= width,
                at + " is wider than the screen: " + await browser.AskAsync(Widest)
            );
            Assert.Equal("", (string?)await browser.AskAsync(Sticking));
            Assert.Equal(0, (int?)await browser.AskAsync("document.scripts.length"));
            var isDark =
                (string?)await browser.AskAsync("getComputedStyle(document.body).backgroundColor") is "rgb(14, 19, 24)";
            Assert.Equal(scheme == "dark", isDark);
            Assert.Empty(Complaints(browser.Events, file));
            await TakePicture(browser, name, width, scheme);
        }

        // A4 less its margins. Paper is white whatever the reader's screen is, and has room for tables.
        await browser.OpenAsync(file, 688, 900, "dark", "print");
        Assert.True(
            (int?)await browser.AskAsync("document.documentElement.scrollWidth") <= 688,
            name + " is wider than the sheet: " + await browser.AskAsync(Widest)
        );
        Assert.Equal(
            "rgb(255, 255, 255)",
            (string?)await browser.AskAsync("getComputedStyle(document.body).backgroundColor")
        );
        Assert.Equal(
            0,
            (int?)
                await browser.AskAsync(
                    "[...document.querySelectorAll('td')].filter(cell => getComputedStyle(cell).display !== "
                        + "'table-cell').length"
                )
        );
    }

    private static async Task TakePicture(Browser browser, string name, int width, string scheme)
    {
        if (Pictures == null)
            return;
        await browser.AskAsync("document.querySelectorAll('details').forEach(d => d.open = false)");
        var height = (int)(await browser.AskAsync("document.documentElement.scrollHeight"))!;
        await File.WriteAllBytesAsync(
            Path.Combine(Pictures, name + "-" + width + "-" + scheme + ".png"),
            await browser.PictureAsync(width, height, 1)
        );
    }

    // Requests for anything but the page itself, its own icon apart; messages of the console; everything that the
    // page's policy or the browser refused.
    private static IEnumerable<string> Complaints(IReadOnlyList<JsonNode> events, string file)
    {
        foreach (var seen in events)
        {
            var (method, said) = ((string?)seen["method"], seen["params"]!);
            var url = (string?)said["request"]?["url"] ?? "";
            if (
                method == "Network.requestWillBeSent"
                && url != new Uri(file).AbsoluteUri
                && !url.StartsWith("data:", StringComparison.Ordinal)
            )
                yield return "It asks for " + url;
            if (
                method
                is "Network.loadingFailed"
                    or "Runtime.consoleAPICalled"
                    or "Runtime.exceptionThrown"
                    or "Log.entryAdded"
                    or "Audits.issueAdded"
            )
                yield return said.ToJsonString();
        }
    }

    private const string Widest =
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + "
        + "1).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(' | ')";

    // What sticks out of the card it lies in.
    private const string Sticking = """
        [...document.querySelectorAll('.card *, .tile *, .alert *')].filter(e => {
          if (e.closest('svg') || e.closest('caption') || e.closest('thead')) return false;
          if (!e.getClientRects().length) return false;
          const box = e.closest('.card, .tile, .alert').getBoundingClientRect(), r = e.getBoundingClientRect();
          return r.width > 0 && (r.right > box.right + 1 || r.left < box.left - 1);
        }).slice(0, 3).map(e => e.outerHTML.slice(0, 160)).join(' | ')
        """;
}
