using System;
using System.Globalization;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Host;

/// <summary>
/// The log of one run: a line for each thing that happens, in the file as soon as it happens, so that it is there when
/// the run is killed.
/// A log that cannot be written stops no backup: what was in its way is remembered, and becomes a warning.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private const string Extension = ".log";
    private readonly IFileSystem _files;
    private readonly StateFolder _state;
    private readonly IClock _clock;
    private readonly object _gate = new();
    private readonly StringBuilder _text = new();
    private readonly AlignedBuffer _buffer = new(4096);
    private IBlockFile? _file;
    private bool _isReleased;
    private long _length;

    private RunLog(IFileSystem files, StateFolder state, IClock clock, string name)
    {
        _files = files;
        _state = state;
        _clock = clock;
        Path = PathOf.Join(state.Logs, name + Extension);
    }

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>What was in its way; null when nothing was.</summary>
    public Failure? Problem { get; private set; }

    /// <summary>Begins a log.</summary>
    public static RunLog Begin(IFileSystem files, StateFolder state, IClock clock, string name)
    {
        var log = new RunLog(files, state, clock, name);
        log.Try(() =>
        {
            Trees.Create(files, state.Logs, true);
            log._file = files.Create(log.Path, false);
        });
        return log;
    }

    /// <summary>Writes what happened, in a sentence.</summary>
    public void Write(string sentence)
    {
        var line =
            _clock.UtcNow.ToString("yyyy-MM-dd HH:mm:ss'Z'  ", CultureInfo.InvariantCulture)
            + Indent(sentence.Replace("\r\n", "\n"))
            + "\n";
        lock (_gate)
        {
            _text.Append(line);
            if (_file != null)
                Try(() => Append(_file, Encoding.UTF8.GetBytes(line)));
            else if (_isReleased && Problem == null)
                Try(() => Reopen(file => Append(file, Encoding.UTF8.GetBytes(line))));
        }
    }

    /// <summary>
    /// Makes durable what is there, and lets go of the file between lines: on Windows, many programs cannot read a file
    /// that another one is writing.
    /// </summary>
    public void Release()
    {
        lock (_gate)
        {
            if (_file == null)
                return;
            Try(() => _file.Flush());
            _file?.Dispose();
            _file = null;
            _isReleased = true;
        }
    }

    /// <summary>Ends the log, makes it the last one, and deletes old ones.</summary>
    /// <param name="keep">How many logs are kept, this one among them.</param>
    public void End(int keep)
    {
        lock (_gate)
        {
            Release();
            Try(() => SmallFiles.Replace(_files, _state.LastLog, Encoding.UTF8.GetBytes(_text.ToString())));
            Try(() => RunNames.Rotate(_files, _state.Logs, Extension, keep, Path));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
            _buffer.Dispose();
        }
    }

    private void Reopen(Action<IBlockFile> write)
    {
        using var file = _files.OpenUpdate(Path, false);
        write(file);
    }

    private void Append(IBlockFile file, byte[] bytes)
    {
        for (var done = 0; done < bytes.Length; )
        {
            var part = Math.Min(bytes.Length - done, _buffer.Size);
            Buffer.BlockCopy(bytes, done, _buffer.Bytes, _buffer.First, part);
            file.Write(_length, _buffer, 0, part);
            _length += part;
            done += part;
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (BackupException e)
        {
            // One failure says it all, and a disk that fails is not asked again for each line.
            Problem ??= e.Failure;
            _file?.Dispose();
            _file = null;
        }
    }

    // A file may be called anything: no name may pass for a line of the log, or steer the terminal that shows it.
    private static string Indent(string text) =>
        text.All(c => !char.IsControl(c))
            ? text
            : string.Concat(
                text.Select(c =>
                    c == '\n' ? "\n    "
                    : char.IsControl(c) ? "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture)
                    : c.ToString()
                )
            );
}
