using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Reports;

/// <summary>
/// A headless Chromium, spoken to in its own protocol (chromedevtools.github.io/devtools-protocol). Tests skip, and say
/// so, where none is installed.
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Names =
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "microsoft-edge",
    ];

    // For one answer: machines may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _events = [];
    private readonly Process _process;
    private int _calls;
    private string? _session;

    private Browser(Process process) => _process = process;

    /// <summary>
    /// What happened since the last page was opened: requests, messages of the console, broken rules.
    /// </summary>
    public IReadOnlyList<JsonNode> Events => _events;

    /// <summary>Skips the test where there is none.</summary>
    /// <returns>Its path.</returns>
    public static string Require()
    {
        var program = Names.Select(Find).FirstOrDefault(path => path != null);
        Assert.SkipWhen(program == null, "no Chromium is installed (" + string.Join(", ", Names) + ")");
        return program!;
    }

    /// <summary>Starts it.</summary>
    public static async Task<Browser> StartAsync()
    {
        var program = Require();
        var profile = new TempFolder();
        var start = new ProcessStartInfo(
            program,
            [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile.Path,
                "about:blank",
            ]
        )
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var browser = new Browser(Process.Start(start)!) { Profile = profile };
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    private TempFolder? Profile { get; init; }

    /// <summary>
    /// Opens a file as a screen, or with the medium "print" a sheet, of this size with this scheme of colours shows it.
    /// </summary>
    public async Task OpenAsync(string file, int width, int height, string scheme, string media = "screen")
    {
        _events.Clear();
        await CallAsync(
            "Emulation.setDeviceMetricsOverride",
            new
            {
                width,
                height,
                deviceScaleFactor = width < 600 ? 2 : 1,
                mobile = width < 600,
            }
        );
        await CallAsync(
            "Emulation.setEmulatedMedia",
            new { media, features = new[] { new { name = "prefers-color-scheme", value = scheme } } }
        );
        await CallAsync("Page.navigate", new { url = new Uri(file).AbsoluteUri });
        while (!_events.Any(seen => (string?)seen["method"] == "Page.loadEventFired"))
            await ReadAsync();
    }

    /// <summary>The value of an expression on the page.</summary>
    public async Task<JsonNode?> AskAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, returnByValue = true });
        Assert.Null(answer["exceptionDetails"]);
        return answer["result"]?["value"];
    }

    /// <summary>A picture of the page, as PNG.</summary>
    public async Task<byte[]> PictureAsync(int width, int height, double scale)
    {
        var answer = await CallAsync(
            "Page.captureScreenshot",
            new
            {
                format = "png",
                captureBeyondViewport = true,
                clip = new
                {
                    x = 0,
                    y = 0,
                    width,
                    height,
                    scale,
                },
            }
        );
        return Convert.FromBase64String((string)answer["data"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Profile?.Dispose();
    }

    private async Task ConnectAsync()
    {
        var said = new StringBuilder();
        string? line;
        do
        {
            line =
                await _process.StandardError.ReadLineAsync(new CancellationTokenSource(Patience).Token)
                ?? throw new InvalidOperationException("The browser ended: " + said);
            said.AppendLine(line);
        } while (!line.Contains("DevTools listening on ", StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        await _socket.ConnectAsync(
            new Uri(Regex.Match(line, "ws://\\S+").Value),
            new CancellationTokenSource(Patience).Token
        );
        var page = (await CallAsync("Target.getTargets", new { }))["targetInfos"]!
            .AsArray()
            .First(target => (string?)target!["type"] == "page")!;
        _session = (string?)
            (await CallAsync("Target.attachToTarget", new { targetId = (string)page["targetId"]!, flatten = true }))[
                "sessionId"
            ];
        foreach (var domain in new[] { "Page", "Network", "Log", "Runtime", "Audits" })
            await CallAsync(domain + ".enable", new { });
    }

    private async Task<JsonNode> CallAsync(string method, object parameters)
    {
        var id = ++_calls;
        var call = new JsonObject
        {
            ["id"] = id,
            ["method"] = method,
            ["params"] = JsonSerializer.SerializeToNode(parameters),
        };
        if (_session != null)
            call["sessionId"] = _session;
        await _socket.SendAsync(
            Encoding.UTF8.GetBytes(call.ToJsonString()),
            WebSocketMessageType.Text,
            true,
            new CancellationTokenSource(Patience).Token
        );
        while (true)
        {
            if (await ReadAsync() is not { } answer || (int?)answer["id"] != id)
                continue;
            Assert.True(answer["error"] == null, method + ": " + answer["error"]);
            return answer["result"]!;
        }
    }

    private async Task<JsonNode> ReadAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, new CancellationTokenSource(Patience).Token);
            message.Write(buffer, 0, part.Count);
        } while (!part.EndOfMessage);
        var node = JsonNode.Parse(message.ToArray())!;
        if (node["method"] != null)
            _events.Add(node);
        return node;
    }

    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
