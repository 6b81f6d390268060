using System;
using System.Collections.Generic;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// How much of what a copy holds would go because its source does not have it any more. Names decide. A file that went
/// while one of exactly its size came is taken for
/// renamed or moved, and does not count; nor do checkpoints' disks, which go when they are merged.
/// </summary>
internal sealed class DeletionTally
{
    /// <summary>Fewer files than these are never too many, however small the copy is.</summary>
    public const int LeastFiles = 5;

    /// <summary>Fewer bytes than these are never too many: 16 MiB.</summary>
    public const long LeastBytes = 16L << 20;

    private readonly Dictionary<long, long> _gone = new();
    private readonly Dictionary<long, long> _new = new();
    private long _keptFiles;
    private long _keptBytes;
    private long _goneFiles;
    private long _goneBytes;

    /// <summary>Whether there was nothing in the copy when the walk began: then nothing can go from it.</summary>
    public bool IsFresh { get; set; }

    /// <summary>Files that were there.</summary>
    public long Files => _keptFiles + _goneFiles;

    /// <summary>Their bytes.</summary>
    public long Bytes => Sizes.Add(_keptBytes, _goneBytes);

    /// <summary>Files that the source has, those that could not be read among them.</summary>
    public long SourceFiles { get; private set; }

    /// <summary>Their bytes.</summary>
    public long SourceBytes { get; private set; }

    /// <summary>What would be lost: what goes, without what only got another name.</summary>
    public (long Files, long Bytes) Lost
    {
        get
        {
            var (files, bytes) = (_goneFiles, _goneBytes);
            foreach (var same in _gone)
            {
                if (!_new.TryGetValue(same.Key, out var came))
                    continue;
                var moved = Math.Min(same.Value, came);
                files -= moved;
                bytes -= moved * same.Key;
            }

            return (files, bytes);
        }
    }

    /// <summary>Counts a file of the source.</summary>
    public void AddSource(long size)
    {
        SourceFiles++;
        SourceBytes = Sizes.Add(SourceBytes, size);
    }

    /// <summary>Counts a file that stays.</summary>
    public void AddKept(long size)
    {
        _keptFiles++;
        _keptBytes = Sizes.Add(_keptBytes, size);
    }

    /// <summary>Counts a file that comes.</summary>
    public void AddNew(long size)
    {
        if (!IsFresh)
            Count(_new, size);
    }

    /// <summary>Counts a file that would go.</summary>
    public void AddGone(string name, long size)
    {
        if (IsCheckpoint(name))
            return;
        _goneFiles++;
        _goneBytes = Sizes.Add(_goneBytes, size);
        Count(_gone, size);
    }

    /// <summary>Whether more than a share of the files or of the bytes would be lost.</summary>
    /// <param name="percent">The share, 0 to 100; with 100 nothing is too much.</param>
    public bool IsMoreThan(int percent) => IsMoreThan(percent, Lost, (Files, Bytes));

    /// <summary>Whether a loss is more than a share of what there was, and worth the word.</summary>
    public static bool IsMoreThan(int percent, (long Files, long Bytes) lost, (long Files, long Bytes) before) =>
        (lost.Files >= LeastFiles && lost.Files * 100.0 > before.Files * (double)percent)
        || (lost.Bytes >= LeastBytes && lost.Bytes * 100.0 > before.Bytes * (double)percent);

    private static bool IsCheckpoint(string name) =>
        name.EndsWith(".avhdx", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".avhd", StringComparison.OrdinalIgnoreCase);

    private static void Count(Dictionary<long, long> sizes, long size)
    {
        sizes.TryGetValue(size, out var count);
        sizes[size] = count + 1;
    }
}
