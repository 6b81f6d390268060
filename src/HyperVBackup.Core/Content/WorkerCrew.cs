using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace HyperVBackup.Content;

/// <summary>
/// A fixed number of threads that do one piece of work together, again and again, each at its workbench. More than
/// there are processors, because most of them wait for a disk.
/// </summary>
internal sealed class WorkerCrew : IDisposable
{
    private readonly List<Thread> _threads = new();
    private readonly Workbench[] _benches;
    private readonly object _gate = new();
    private readonly string _name;
    private Action<Workbench>? _work;
    private ExceptionDispatchInfo? _failure;
    private int _round;
    private int _busy;
    private bool _ended;

    public WorkerCrew(int size, string name)
    {
        _name = name;
        _benches = new Workbench[size];
        for (var i = 0; i < size; i++)
            _benches[i] = new Workbench();
    }

    /// <summary>How many threads there are.</summary>
    public int Size => _benches.Length;

    /// <summary>
    /// Runs the work once on every thread, giving each its bench, and returns when all are through. The first exception
    /// is thrown on.
    /// </summary>
    public void Run(Action<Workbench> work)
    {
        if (_threads.Count == 0)
            Start();
        lock (_gate)
        {
            _work = work;
            _failure = null;
            _busy = Size;
            _round++;
            Monitor.PulseAll(_gate);
            while (_busy > 0)
                Monitor.Wait(_gate);
            _work = null;
        }

        _failure?.Throw();
    }

    /// <summary>Lets the threads end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
            thread.Join();
        foreach (var bench in _benches)
            bench.Dispose();
    }

    // Not before there is work: a run that finds nothing changed needs none of them.
    private void Start()
    {
        for (var i = 0; i < Size; i++)
        {
            var bench = _benches[i];
            var thread = new Thread(() => Loop(bench)) { IsBackground = true, Name = _name + " " + i };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Loop(Workbench bench)
    {
        var round = 0;
        while (true)
        {
            Action<Workbench> work;
            lock (_gate)
            {
                while (!_ended && _round == round)
                    Monitor.Wait(_gate);
                if (_ended)
                    return;
                round = _round;
                work = _work!;
            }

            try
            {
                work(bench);
            }
#pragma warning disable CA1031 // Handed to the thread that waits for the work.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lock (_gate)
                    _failure ??= ExceptionDispatchInfo.Capture(e);
            }

            lock (_gate)
            {
                if (--_busy == 0)
                    Monitor.PulseAll(_gate);
            }
        }
    }
}
