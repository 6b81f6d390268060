using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Files;

namespace HyperVBackup.Content;

/// <summary>
/// Lets the chunks of a new file be written from front to back, although several workers have them. For file systems
/// that fill with zeroes what a write leaves out
/// (<see cref="Files.IBlockFile.FillsGaps"/>): written out of order, such a file would be written almost twice.
/// </summary>
internal sealed class WriteOrder
{
    private readonly HashSet<long> _passed = new();
    private readonly object _gate = new();
    private long _turn;
    private bool _ended;

    /// <summary>
    /// Writes a chunk when all before it are written or passed. Does not write when the end has come meanwhile.
    /// </summary>
    public void Write(long index, Action write)
    {
        lock (_gate)
        {
            while (_turn != index && !_ended)
                Monitor.Wait(_gate);
            if (_ended)
                return;
        }

        try
        {
            write();
        }
        finally
        {
            Pass(index);
        }
    }

    /// <summary>Says that a chunk needs no write, or had one. Does not wait.</summary>
    public void Pass(long index)
    {
        lock (_gate)
        {
            _passed.Add(index);
            while (_passed.Remove(_turn))
                _turn++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets nobody wait any more: a chunk will never come.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }
}
