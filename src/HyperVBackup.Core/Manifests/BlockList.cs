using System;
using System.IO;
using HyperVBackup.Content;

namespace HyperVBackup.Manifests;

/// <summary>
/// Encodes a file's blocks in order: runs of hashes (tag 1, count, 32 bytes each) and runs of blocks that are all zero
/// (tag 2, count), so that a sparse
/// terabyte costs what its data costs.
/// </summary>
internal sealed class BlockListEncoder
{
    private const int RunsPerPart = 4096;
    private readonly Action<byte[], int> _sink;
    private readonly MemoryStream _part = new();
    private readonly byte[] _hashes = new byte[RunsPerPart * Blocks.HashSize];
    private int _count;
    private long _zeroes;

    /// <summary>An encoder that hands on parts of bounded size; each is whole runs.</summary>
    public BlockListEncoder(Action<byte[], int> sink) => _sink = sink;

    public void AddHash(byte[] hashes, int at)
    {
        EndZeroes();
        Buffer.BlockCopy(hashes, at, _hashes, _count * Blocks.HashSize, Blocks.HashSize);
        if (++_count == RunsPerPart)
            EndHashes();
    }

    public void AddZeroes(long count)
    {
        EndHashes();
        _zeroes += count;
    }

    public void Finish()
    {
        EndHashes();
        EndZeroes();
        Emit(0);
    }

    private void EndHashes()
    {
        if (_count == 0)
            return;
        _part.WriteByte(1);
        PutCount(_count);
        _part.Write(_hashes, 0, _count * Blocks.HashSize);
        _count = 0;
        Emit(256 * 1024);
    }

    private void EndZeroes()
    {
        if (_zeroes == 0)
            return;
        _part.WriteByte(2);
        PutCount(_zeroes);
        _zeroes = 0;
        Emit(256 * 1024);
    }

    private void PutCount(long count)
    {
        for (var i = 0; i < 8; i++)
            _part.WriteByte((byte)(count >> (8 * i)));
    }

    private void Emit(int atLeast)
    {
        if (_part.Length <= atLeast)
            return;
        _sink(_part.GetBuffer(), (int)_part.Length);
        _part.SetLength(0);
    }
}

/// <summary>Reads a block list in order. Every count is checked against the blocks the file can have.</summary>
internal sealed class BlockListReader
{
    private readonly Func<byte[]?> _nextPart;
    private readonly string _name;
    private byte[] _part = Array.Empty<byte>();
    private int _at;
    private long _left;
    private long _runLeft;
    private bool _zeroes;

    /// <summary>A reader over parts as the encoder handed them out.</summary>
    /// <param name="nextPart">The next part; null after the last.</param>
    /// <param name="blocks">How many blocks the file has.</param>
    /// <param name="name">For messages.</param>
    public BlockListReader(Func<byte[]?> nextPart, long blocks, string name)
    {
        _nextPart = nextPart;
        _left = blocks;
        _name = name;
    }

    /// <summary>Blocks not read yet.</summary>
    public long Left => _left;

    /// <summary>How many of the next blocks are known to be zero; 0 if the next is a hash or there is none.</summary>
    public long ZeroesAhead()
    {
        if (_left == 0)
            return 0;
        NextRun();
        return _zeroes ? _runLeft : 0;
    }

    /// <summary>Takes blocks that <see cref="ZeroesAhead"/> counted.</summary>
    public void SkipZeroes(long count)
    {
        _runLeft -= count;
        _left -= count;
    }

    /// <summary>Takes the next block: false if it is all zero, else true and its hash.</summary>
    public bool Next(byte[] into, int at)
    {
        if (_left == 0)
            throw ManifestFormat.Damaged(_name, "the block list is read past its end");
        NextRun();
        _runLeft--;
        _left--;
        if (_zeroes)
            return false;
        Buffer.BlockCopy(_part, _at, into, at, Blocks.HashSize);
        _at += Blocks.HashSize;
        return true;
    }

    private void NextRun()
    {
        while (_runLeft == 0)
        {
            if (_at == _part.Length)
            {
                _part = _nextPart() ?? throw ManifestFormat.Damaged(_name, "the block list ends too early");
                _at = 0;
                continue;
            }

            if (_part.Length - _at < 9)
                throw ManifestFormat.Damaged(_name, "a run in the block list is cut off");
            var tag = _part[_at];
            _runLeft = BitConverter.ToInt64(_part, _at + 1);
            _at += 9;
            _zeroes = tag == 2;
            if (
                (tag != 1 && tag != 2)
                || _runLeft <= 0
                || _runLeft > _left
                || (tag == 1 && _runLeft > (_part.Length - _at) / Blocks.HashSize)
            )
                throw ManifestFormat.Damaged(_name, "a run in the block list is impossible");
        }
    }
}
