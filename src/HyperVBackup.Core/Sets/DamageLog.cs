using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets;

/// <summary>
/// Collects damage from several threads, joining neighbouring ranges, and keeping a number that a person can read.
/// </summary>
internal sealed class DamageLog
{
    private const int Kept = 10_000;
    private readonly List<Damage> _damages = new();
    private readonly object _gate = new();
    private long _count;

    public long Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public IReadOnlyList<Damage> ToList()
    {
        lock (_gate)
            return _damages.ToArray();
    }

    public void Add(string file, Failure failure, long offset = 0, long length = 0)
    {
        lock (_gate)
        {
            _count++;
            if (_damages.Count < Kept)
                _damages.Add(
                    new Damage
                    {
                        File = file,
                        Offset = offset,
                        Length = length,
                        Failure = failure,
                    }
                );
        }
    }

    /// <summary>
    /// Adds a range of wrong bytes; one that follows the last of the same file extends it. Ranges of a file come in
    /// order.
    /// </summary>
    public void AddRange(string file, string path, long offset, long length)
    {
        lock (_gate)
        {
            for (var i = _damages.Count - 1; i >= 0 && i >= _damages.Count - 16; i--)
            {
                var last = _damages[i];
                if (last.File != file || last.Length == 0 || last.Offset + last.Length != offset)
                    continue;
                _damages[i] = Range(file, path, last.Offset, last.Length + length);
                return;
            }

            _count++;
            if (_damages.Count < Kept)
                _damages.Add(Range(file, path, offset, length));
        }
    }

    private static Damage Range(string file, string path, long offset, long length) =>
        new()
        {
            File = file,
            Offset = offset,
            Length = length,
            Failure = new Failure(
                FailureKind.BlockDamaged,
                path,
                "verify it",
                "bytes " + offset + " to " + (offset + length - 1) + " do not have their hash"
            ),
        };
}
