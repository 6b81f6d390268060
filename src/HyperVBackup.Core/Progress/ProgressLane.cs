using System.Threading;

namespace HyperVBackup.Progress;

/// <summary>
/// What one engine is at. Jobs on different disks run at the same time, each in a lane of its own, so that whoever
/// shows them neither mixes nor swaps them.
/// </summary>
public sealed class ProgressLane
{
    private volatile string _job = "";
    private volatile FileUnderWay _file = new("", 0);

    /// <summary>The job; empty before the first.</summary>
    public string Job => _job;

    /// <summary>The file, by its path below the job's source.</summary>
    public string File => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => _file.Bytes;

    /// <summary>
    /// Bytes of the file that have been gone through; 0 for small files, which are copied several at a time.
    /// </summary>
    public long FileDone => _file.Done;

    internal void EnterJob(string job)
    {
        _file = new FileUnderWay("", 0);
        _job = job;
    }

    internal void EnterFile(string path, long bytes) => _file = new FileUnderWay(path, bytes);

    internal void AddFileDone(long bytes) => _file.Add(bytes);

    private sealed class FileUnderWay
    {
        private long _done;

        public FileUnderWay(string path, long bytes)
        {
            Path = path;
            Bytes = bytes;
        }

        public string Path { get; }

        public long Bytes { get; }

        public long Done => Interlocked.Read(ref _done);

        public void Add(long bytes) => Interlocked.Add(ref _done, bytes);
    }
}
