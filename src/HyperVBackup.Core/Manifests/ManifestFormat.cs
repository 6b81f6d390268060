using System;
using System.IO;
using System.Text;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Manifests;

/// <summary>
/// The manifest on disk, little-endian. A sequence of frames: type (4 bytes), payload length (4), CRC-32C (4), payload.
/// The checksum covers the frame's own offset (8 bytes), type, length and payload, so frames can be neither altered nor
/// moved. First a header frame; then records in the order of the walk; last an end frame with counts. A file of more
/// than one chunk has its block list in frames of its own, right before the record that points back at them: so both
/// writing and reading stream.
/// </summary>
internal static class ManifestFormat
{
    /// <summary>
    /// What is written. Since 2 the records of files say which file of the source it was, and when that was last
    /// changed in any way.
    /// </summary>
    public const int Version = 2;

    /// <summary>
    /// The oldest that is read. Its files are compared by content once, as nothing in it shows that they are the same.
    /// </summary>
    public const int OldestVersion = 1;
    public const int FrameHeaderSize = 12;
    public const int MaxPayload = 1024 * 1024;
    public const string Extension = ".manifest";

    public enum Frame
    {
        Header = 0x4D425648, // "HVBM"
        Blocks = 2,
        Records = 3,
        End = 4,
    }

    /// <summary>The checksum of a frame.</summary>
    public static uint Checksum(long offset, int type, byte[] payload, int length)
    {
        var head = new byte[16];
        PutInt64(head, 0, offset);
        PutInt32(head, 8, type);
        PutInt32(head, 12, length);
        return Crc32C.Append(Crc32C.Compute(head, 0, head.Length), payload, 0, length);
    }

    public static void PutInt32(byte[] bytes, int at, int value)
    {
        for (var i = 0; i < 4; i++)
            bytes[at + i] = (byte)(value >> (8 * i));
    }

    public static void PutInt64(byte[] bytes, int at, long value)
    {
        for (var i = 0; i < 8; i++)
            bytes[at + i] = (byte)(value >> (8 * i));
    }

    public static void WriteName(BinaryWriter writer, string name)
    {
        var bytes = NameCodec.Encode(name);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    public static string ReadName(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new EndOfStreamException();
        return NameCodec.Decode(reader.ReadBytes(length), 0, length);
    }

    public static void WriteTime(BinaryWriter writer, FileTime time)
    {
        writer.Write(time.Seconds);
        writer.Write(time.Nanoseconds);
    }

    public static FileTime ReadTime(BinaryReader reader) => new(reader.ReadInt64(), reader.ReadInt32());

    /// <summary>The most bytes that a file of this path and size takes in a manifest.</summary>
    public static long MostBytesOf(string path, long size)
    {
        const int record = 256,
            block = Blocks.HashSize + 4,
            utf8 = 3;
        return record + (long)utf8 * path.Length + block * Blocks.Count(size);
    }

    public static BackupException Damaged(string path, string why) =>
        new(FailureKind.StateDamaged, path, "read the manifest", why);
}
