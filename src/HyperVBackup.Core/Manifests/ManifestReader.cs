using System;
using System.Collections.Generic;
using System.IO;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Walking;

namespace HyperVBackup.Manifests;

/// <summary>
/// Reads a manifest from front to back in bounded memory. Nothing in it is believed before its frame's checksum held;
/// every path is checked to stay
/// inside the folder, because a set may come from a disk that others could write.
/// </summary>
internal sealed class ManifestReader : IDisposable
{
    private readonly string _path;
    private readonly BufferedReader _in;
    private readonly BufferedReader _blocks;
    private readonly WalkOrder _order;
    private BinaryReader? _records;
    private long _position;
    private string? _last;
    private long _entries;
    private long _files;
    private long _bytes;
    private bool _ended;

    /// <summary>Opens a manifest and reads its header.</summary>
    /// <exception cref="BackupException">It is not there, or damaged.</exception>
    public ManifestReader(IFileSystem files, string path)
    {
        _path = path;
        _in = new BufferedReader(files.OpenRead(path, false));
        try
        {
            _blocks = new BufferedReader(files.OpenRead(path, false));
            var frame =
                ReadFrame(_in, ref _position, out var type) ?? throw ManifestFormat.Damaged(path, "it is empty");
            if (type != ManifestFormat.Frame.Header)
                throw ManifestFormat.Damaged(path, "it does not start with a header");
            Header = Parse(frame, reader => ManifestHeader.Read(reader, path));
            _order = new WalkOrder(Header.IgnoresCase);
        }
        catch
        {
            _in.Dispose();
            _blocks?.Dispose();
            throw;
        }
    }

    public ManifestHeader Header { get; }

    /// <summary>The next record; null after the last, when the end frame's counts have been checked.</summary>
    public ManifestRecord? Next()
    {
        while (!_ended)
        {
            if (_records != null && _records.BaseStream.Position < _records.BaseStream.Length)
                return Check(ParseRecord(_records));
            var frame =
                ReadFrame(_in, ref _position, out var type) ?? throw ManifestFormat.Damaged(_path, "it is cut off");
            switch (type)
            {
                case ManifestFormat.Frame.Records:
                    _records = new BinaryReader(new MemoryStream(frame));
                    break;
                case ManifestFormat.Frame.Blocks:
                    break;
                case ManifestFormat.Frame.End:
                    CheckEnd(frame);
                    _ended = true;
                    break;
                default:
                    throw ManifestFormat.Damaged(_path, "a frame has an unknown type");
            }
        }

        return null;
    }

    /// <summary>All records that are left.</summary>
    public IEnumerable<ManifestRecord> All()
    {
        for (var record = Next(); record != null; record = Next())
            yield return record;
    }

    /// <summary>The block list of a record. One list can be read at a time.</summary>
    public BlockListReader BlocksOf(ManifestRecord record)
    {
        var count = Blocks.Count(record.Entry.Size);
        if (record.BlocksAt == 0)
        {
            var inline = record.InlineBlocks;
            var given = false;
            return new BlockListReader(() => given ? null : Once(inline, out given), count, _path);
        }

        var position = record.BlocksAt;
        return new BlockListReader(
            () =>
                ReadFrame(_blocks, ref position, out var type) is { } part && type == ManifestFormat.Frame.Blocks
                    ? part
                    : null,
            count,
            _path
        );
    }

    public void Dispose()
    {
        _in.Dispose();
        _blocks.Dispose();
    }

    private static byte[] Once(byte[] part, out bool given)
    {
        given = true;
        return part;
    }

    private byte[]? ReadFrame(BufferedReader from, ref long position, out ManifestFormat.Frame type)
    {
        var head = new byte[ManifestFormat.FrameHeaderSize];
        var got = from.Read(position, head, 0, head.Length);
        type = (ManifestFormat.Frame)BitConverter.ToInt32(head, 0);
        if (got == 0)
            return null;
        var length = BitConverter.ToInt32(head, 4);
        if (
            got < head.Length
            || length < 0
            || length > ManifestFormat.MaxPayload
            || length > from.Length - position - head.Length
        )
            throw ManifestFormat.Damaged(_path, "the frame at byte " + position + " is cut off");
        var payload = new byte[length];
        if (
            from.Read(position + head.Length, payload, 0, length) != length
            || ManifestFormat.Checksum(position, (int)type, payload, length) != BitConverter.ToUInt32(head, 8)
        )
            throw ManifestFormat.Damaged(_path, "the frame at byte " + position + " does not have its checksum");
        position += head.Length + length;
        return payload;
    }

    private ManifestRecord ParseRecord(BinaryReader reader)
    {
        try
        {
            var kind = (EntryKind)reader.ReadByte();
            var path = ManifestFormat.ReadName(reader);
            var entry = new FileEntry
            {
                Name = path.Substring(path.LastIndexOf('/') + 1),
                Kind = kind,
                Size = reader.ReadInt64(),
                Modified = ManifestFormat.ReadTime(reader),
                Created = ManifestFormat.ReadTime(reader),
                Attributes = reader.ReadUInt32(),
                Owner = reader.ReadUInt32(),
                Group = reader.ReadUInt32(),
            };
            if (kind == EntryKind.Folder)
                return new ManifestRecord(path, entry);
            if (kind == EntryKind.Link)
                return new ManifestRecord(
                    path,
                    entry with
                    {
                        LinkKind = (LinkKind)reader.ReadByte(),
                        LinkTarget = ManifestFormat.ReadName(reader),
                    }
                );
            if (kind != EntryKind.File || entry.Size < 0)
                throw ManifestFormat.Damaged(_path, "a record is of no known kind");
            var stamp = new TargetStamp(
                reader.ReadInt64(),
                ManifestFormat.ReadTime(reader),
                ManifestFormat.ReadTime(reader)
            );
            if (Header.Version > 1)
                entry = entry with { FileId = reader.ReadUInt64(), Changed = ManifestFormat.ReadTime(reader) };
            var blocksAt = reader.ReadInt64();
            var length = reader.ReadInt32();
            if (
                blocksAt < 0
                || blocksAt >= _position
                || length < 0
                || length > reader.BaseStream.Length - reader.BaseStream.Position
            )
                throw ManifestFormat.Damaged(_path, "a record's block list is out of bounds");
            return new ManifestRecord(path, entry)
            {
                Stamp = stamp,
                BlocksAt = blocksAt,
                InlineBlocks = reader.ReadBytes(length),
            };
        }
        catch (EndOfStreamException)
        {
            throw ManifestFormat.Damaged(_path, "a record is cut off");
        }
    }

    private ManifestRecord Check(ManifestRecord record)
    {
        if (!RelativePaths.IsSafe(record.Path))
            throw ManifestFormat.Damaged(_path, "the path '" + record.Path + "' does not stay inside the folder");
        if (_last != null && _order.Compare(_last, record.Path) >= 0)
            throw ManifestFormat.Damaged(_path, "'" + record.Path + "' is out of order");
        _last = record.Path;
        _entries++;
        if (record.Entry.Kind != EntryKind.File)
            return record;
        _files++;
        _bytes += record.Entry.Size;
        return record;
    }

    private void CheckEnd(byte[] frame)
    {
        var (entries, files, bytes) = Parse(
            frame,
            reader => (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64())
        );
        if (entries != _entries || files != _files || bytes != _bytes)
            throw ManifestFormat.Damaged(_path, "its counts do not add up");
        if (_position != _in.Length)
            throw ManifestFormat.Damaged(_path, "something follows its end");
    }

    private T Parse<T>(byte[] frame, Func<BinaryReader, T> parse)
    {
        try
        {
            return parse(new BinaryReader(new MemoryStream(frame)));
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException)
        {
            throw ManifestFormat.Damaged(_path, "a frame is too short");
        }
    }
}
