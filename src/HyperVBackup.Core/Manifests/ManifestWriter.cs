using System;
using System.IO;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Walking;

namespace HyperVBackup.Manifests;

/// <summary>
/// Writes a manifest from front to back. Nothing of it counts until <see cref="Finish"/> has returned.
/// </summary>
internal sealed class ManifestWriter : IDisposable
{
    private const int FlushRecordsAt = 128 * 1024;
    private readonly SequentialWriter _out;
    private readonly MemoryStream _records = new();
    private readonly BinaryWriter _record;
    private readonly WalkOrder _order;
    private string? _last;
    private readonly int _version;
    private long _blocksAt;
    private long _files;
    private long _entries;
    private long _bytes;

    public ManifestWriter(IBlockFile file, ManifestHeader header)
    {
        _out = new SequentialWriter(file);
        _record = new BinaryWriter(_records);
        _order = new WalkOrder(header.IgnoresCase);
        _version = header.Version;
        header.Write(_record);
        WriteFrame(ManifestFormat.Frame.Header, _records.GetBuffer(), (int)_records.Length);
        _records.SetLength(0);
    }

    /// <summary>Whether what the reader would refuse is refused; only tests that forge manifests do without.</summary>
    internal bool IsStrict { get; init; } = true;

    /// <summary>Bytes so far.</summary>
    public long Length => _out.Position;

    /// <summary>
    /// An encoder for the block list of a file of more than one chunk, whose record is the next to be added.
    /// </summary>
    public BlockListEncoder BeginBlocks()
    {
        FlushRecords();
        _blocksAt = _out.Position;
        return new BlockListEncoder((part, length) => WriteFrame(ManifestFormat.Frame.Blocks, part, length));
    }

    /// <summary>
    /// Adds a record. For a file begun with <see cref="BeginBlocks"/>, after its encoder has finished.
    /// </summary>
    /// <exception cref="BackupException">
    /// A reader would not take it: its path is not one, or comes where it does not belong.
    /// </exception>
    public void Add(ManifestRecord record)
    {
        if (IsStrict && !RelativePaths.IsSafe(record.Path))
            throw Unwritable(record.Path, "no manifest can hold a path of that kind or length");
        if (IsStrict && _last != null && _order.Compare(_last, record.Path) >= 0)
            throw Unwritable(
                record.Path,
                "the target takes its name for that of '" + _last + "', or the folder was listed out of order"
            );
        _last = record.Path;
        var entry = record.Entry;
        var blocksAt = record.BlocksAt == 0 ? 0 : _blocksAt;
        _record.Write((byte)entry.Kind);
        ManifestFormat.WriteName(_record, record.Path);
        _record.Write(entry.Size);
        ManifestFormat.WriteTime(_record, entry.Modified);
        ManifestFormat.WriteTime(_record, entry.Created);
        _record.Write(entry.Attributes);
        _record.Write(entry.Owner);
        _record.Write(entry.Group);
        if (entry.Kind == EntryKind.Link)
        {
            _record.Write((byte)entry.LinkKind);
            ManifestFormat.WriteName(_record, entry.LinkTarget ?? "");
        }
        else if (entry.Kind == EntryKind.File)
        {
            _record.Write(record.Stamp.Size);
            ManifestFormat.WriteTime(_record, record.Stamp.Modified);
            ManifestFormat.WriteTime(_record, record.Stamp.Changed);
            if (_version > 1)
            {
                _record.Write(entry.FileId);
                ManifestFormat.WriteTime(_record, entry.Changed);
            }

            _record.Write(blocksAt);
            _record.Write(record.InlineBlocks.Length);
            _record.Write(record.InlineBlocks);
            _files++;
            _bytes += entry.Size;
        }

        _entries++;
        if (_records.Length >= FlushRecordsAt || blocksAt != 0)
            FlushRecords();
    }

    /// <summary>
    /// Marks that a block list was begun for the record to be added: its value only says "not inline".
    /// </summary>
    public const long BlocksPrecede = 1;

    /// <summary>Writes the end and returns when the manifest is on the medium.</summary>
    /// <returns>SHA-256 of the whole manifest.</returns>
    public byte[] Finish()
    {
        FlushRecords();
        _record.Write(_entries);
        _record.Write(_files);
        _record.Write(_bytes);
        WriteFrame(ManifestFormat.Frame.End, _records.GetBuffer(), (int)_records.Length);
        return _out.Finish();
    }

    public void Dispose() => _out.Dispose();

    private void FlushRecords()
    {
        if (_records.Length == 0)
            return;
        WriteFrame(ManifestFormat.Frame.Records, _records.GetBuffer(), (int)_records.Length);
        _records.SetLength(0);
    }

    private static BackupException Unwritable(string path, string why) =>
        new(FailureKind.NotSupported, path, "note it in the manifest", why);

    private void WriteFrame(ManifestFormat.Frame type, byte[] payload, int length)
    {
        if (length > ManifestFormat.MaxPayload)
            throw Unwritable(
                _last ?? "",
                "what is to be noted of it takes "
                    + length
                    + " bytes, and "
                    + ManifestFormat.MaxPayload
                    + " at most are read"
            );
        var head = new byte[ManifestFormat.FrameHeaderSize];
        ManifestFormat.PutInt32(head, 0, (int)type);
        ManifestFormat.PutInt32(head, 4, length);
        ManifestFormat.PutInt32(head, 8, (int)ManifestFormat.Checksum(_out.Position, (int)type, payload, length));
        _out.Write(head, 0, head.Length);
        _out.Write(payload, 0, length);
    }
}

/// <summary>The first frame of a manifest.</summary>
/// <param name="RunId">The run that wrote it: must be that of the set.</param>
/// <param name="Folder">The job's folder in the set.</param>
/// <param name="IgnoresCase">How the walk that wrote it ordered names.</param>
internal sealed record ManifestHeader(Guid RunId, string Folder, bool IgnoresCase)
{
    /// <summary>Its version.</summary>
    public int Version { get; init; } = ManifestFormat.Version;

    public void Write(BinaryWriter writer)
    {
        writer.Write(Version);
        writer.Write(Blocks.Size);
        writer.Write(RunId.ToByteArray());
        writer.Write(IgnoresCase);
        ManifestFormat.WriteName(writer, Folder);
    }

    public static ManifestHeader Read(BinaryReader reader, string path)
    {
        var version = reader.ReadInt32();
        if (version is < ManifestFormat.OldestVersion or > ManifestFormat.Version)
            throw ManifestFormat.Damaged(
                path,
                "its version is " + version + "; this program knows " + ManifestFormat.Version
            );
        var block = reader.ReadInt32();
        if (block != Blocks.Size)
            throw ManifestFormat.Damaged(
                path,
                "its blocks have " + block + " bytes; this program knows " + Blocks.Size
            );
        return new ManifestHeader(new Guid(reader.ReadBytes(16)), ReadFolder(reader, out var ignoresCase), ignoresCase)
        {
            Version = version,
        };
    }

    private static string ReadFolder(BinaryReader reader, out bool ignoresCase)
    {
        ignoresCase = reader.ReadBoolean();
        return ManifestFormat.ReadName(reader);
    }
}
