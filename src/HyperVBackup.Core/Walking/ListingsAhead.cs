using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// Lists folders before the walk comes to them, several at once: with a cold cache most of the time of a run over many
/// small files is spent waiting for metadata.
/// </summary>
internal sealed class ListingsAhead : IDisposable
{
    private const int Threads = 4;
    private readonly IFileSystem _files;
    private readonly Queue<Listing> _wanted = new();
    private readonly Dictionary<string, Listing> _known = new(PathOf.Comparer);
    private readonly List<Thread> _threads = new();
    private bool _ended;

    public ListingsAhead(IFileSystem files) => _files = files;

    /// <summary>Says that a folder will be asked for soon.</summary>
    public void Announce(string folder)
    {
        lock (_wanted)
        {
            if (_known.ContainsKey(folder))
                return;
            var listing = new Listing(folder);
            _known.Add(folder, listing);
            _wanted.Enqueue(listing);
            if (_threads.Count < Threads)
                Start();
            Monitor.Pulse(_wanted);
        }
    }

    /// <summary>The entries of a folder, or the failure of listing it.</summary>
    public IReadOnlyList<FileEntry> Take(string folder)
    {
        Listing? listing;
        lock (_wanted)
        {
            if (_known.TryGetValue(folder, out listing))
                _known.Remove(folder);
        }

        if (listing == null || listing.TryClaim())
            return _files.List(folder);
        return listing.Wait();
    }

    public void Dispose()
    {
        lock (_wanted)
        {
            _ended = true;
            Monitor.PulseAll(_wanted);
        }

        foreach (var thread in _threads)
            thread.Join();
    }

    private void Start()
    {
        var thread = new Thread(Work) { IsBackground = true, Name = "Listing" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Work()
    {
        while (true)
        {
            Listing listing;
            lock (_wanted)
            {
                while (_wanted.Count == 0 && !_ended)
                    Monitor.Wait(_wanted);
                if (_ended)
                    return;
                listing = _wanted.Dequeue();
            }

            if (listing.TryClaim())
                listing.Fill(_files);
        }
    }

    private sealed class Listing
    {
        private readonly string _folder;
        private IReadOnlyList<FileEntry>? _entries;
        private ExceptionDispatchInfo? _failure;
        private int _claimed;
        private bool _done;

        public Listing(string folder) => _folder = folder;

        /// <summary>Whoever gets true makes the listing.</summary>
        public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

        public void Fill(IFileSystem files)
        {
            try
            {
                _entries = files.List(_folder);
            }
#pragma warning disable CA1031 // Thrown on to whoever takes the listing.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            lock (this)
            {
                _done = true;
                Monitor.PulseAll(this);
            }
        }

        public IReadOnlyList<FileEntry> Wait()
        {
            lock (this)
            {
                while (!_done)
                    Monitor.Wait(this);
            }

            _failure?.Throw();
            return _entries!;
        }
    }
}
