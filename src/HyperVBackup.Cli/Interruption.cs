using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace HyperVBackup.Cli;

/// <summary>
/// Ctrl+C, a closed terminal and the system's wish to end the process become a cancelled token, so that a run releases
/// its shadow copies and says what it left.
/// Who asks a second time means it: then the process ends at once, and the next run removes what is left.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // signal(7): sent when a file becomes larger than the limit of the process (ulimit -f). It would end the process in
    // the middle of a set;
    // without it the write fails, which the run says in words.
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    public Interruption() =>
        _signals = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel),
            .. OperatingSystem.IsWindows()
                ? []
                : new[] { PosixSignalRegistration.Create(FileTooLarge, signal => signal.Cancel = true) },
        ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            return;
        context.Cancel = true;
        _source.Cancel();
    }
}
