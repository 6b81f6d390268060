using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using HyperVBackup.Progress;

namespace HyperVBackup.Cli.Output;

/// <summary>
/// The line on standard error that says how far a run is: drawn over itself five times a second, gone when it is
/// disposed.
/// </summary>
internal sealed class ConsoleProgress : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Surroundings _surroundings;
    private readonly ProgressMeter _meter;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly object _gate = new();
    private readonly Timer _timer;
    private int _drawn;
    private bool _ended;

    public ConsoleProgress(Surroundings surroundings, MirrorProgress progress)
    {
        _surroundings = surroundings;
        _meter = new ProgressMeter(progress);
        _timer = new Timer(_ => Draw(), null, Interval, Interval);
    }

    /// <summary>Draws the line once more.</summary>
    internal void Draw()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            // The last column stays free: some terminals break the line after it.
            var line = ProgressLine.Of(
                _meter.Read(_elapsed.Elapsed),
                _surroundings.Cancel.IsCancellationRequested,
                _surroundings.Width() - 1
            );
            Write("\r" + line.PadRight(_drawn));
            _drawn = line.Length;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            if (_drawn > 0)
                Write("\r" + new string(' ', _drawn) + "\r");
        }

        _timer.Dispose();
    }

    private void Write(string text)
    {
        try
        {
            _surroundings.Error.Write(text);
            _surroundings.Error.Flush();
        }
        catch (IOException)
        {
            _ended = true; // The terminal is gone; the run is not.
        }
    }
}
