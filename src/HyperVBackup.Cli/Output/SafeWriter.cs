using System;
using System.IO;
using System.Text;

namespace HyperVBackup.Cli.Output;

/// <summary>
/// A stream of the process that never throws: what was done is done, and a log file on a full disk, a closed terminal
/// or a reader that went away does not make another result of it. After the first failure nothing more is written, so
/// that what is there has no holes; <see cref="Problem"/> says why.
/// </summary>
internal sealed class SafeWriter : TextWriter
{
    private readonly TextWriter _inner;

    /// <summary>Writes to this one as long as that goes well.</summary>
    public SafeWriter(TextWriter inner)
        : base(inner.FormatProvider) => _inner = inner;

    /// <summary>Why not everything was written; null when it was.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => _inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => _inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => _inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => _inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine() => Try(() => _inner.WriteLine());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => _inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(() => _inner.Flush());

    private void Try(Action write)
    {
        if (Problem != null)
            return;
        try
        {
            write();
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException)
        {
            Problem = e.Message;
        }
        catch (ArgumentException e)
        {
            // The class library has this for a file that has become as large as the process may make one (EFBIG).
            Problem = e.Message;
        }
    }
}
