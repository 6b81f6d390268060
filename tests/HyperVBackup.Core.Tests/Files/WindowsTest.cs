using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Files.Windows;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>
/// What the tests of the Windows file system share: they run on Windows and Wine only, each in a folder of its own.
/// </summary>
public abstract class WindowsTest : IDisposable
{
    private readonly TempFolder _temp;

    protected WindowsTest()
    {
        Platform.NeedsWindowsOrWine();
        _temp = new TempFolder();
    }

    internal WindowsFileSystem Files { get; } = new();

    internal TempFolder Temp => _temp;

    public void Dispose()
    {
        _temp?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Bytes that differ from block to block, so that one in the wrong place is noticed.</summary>
    internal static byte[] Content(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Creates a file with the file system under test.</summary>
    internal void Write(string path, byte[] content, bool direct = false)
    {
        using var file = Files.Create(path, direct);
        using var buffer = Buffer(content);
        file.Write(0, buffer, 0, content.Length);
    }

    /// <summary>Reads a whole file with the file system under test.</summary>
    internal byte[] Read(string path, bool direct = false)
    {
        using var file = Files.OpenRead(path, direct);
        return Read(file, 0, (int)file.Stat().Size);
    }

    internal static byte[] Read(IBlockFile file, long offset, int count)
    {
        using var buffer = new AlignedBuffer(count);
        var got = file.Read(offset, buffer, 0, count);
        return buffer.Bytes.Skip(buffer.First).Take(got).ToArray();
    }

    internal static AlignedBuffer Buffer(byte[] content)
    {
        var buffer = new AlignedBuffer(content.Length);
        content.CopyTo(buffer.Bytes, buffer.First);
        return buffer;
    }

    internal static Failure Fails(FailureKind kind, Action action)
    {
        var failure = Assert.Throws<BackupException>(action).Failure;
        Assert.True(kind == failure.Kind, $"expected {kind}, got {failure.Kind} ({failure.NativeCode}): {failure}");
        return failure;
    }

    /// <summary>Creates an empty file that is marked sparse.</summary>
    internal unsafe void WriteSparse(string path)
    {
        const uint setSparse = 0x0009_00C4; // FSCTL_SET_SPARSE
        Write(path, []);
        using var file = WindowsHandle.Open(path, WindowsNative.GenericWrite, "mark sparse");
        Assert.True(WindowsNative.DeviceIoControl(file, setSparse, null, 0, null, 0, out _, IntPtr.Zero));
    }

    internal IEnumerable<string> NamesIn(string folder) =>
        Files.List(folder).Select(e => e.Name).OrderBy(n => n, StringComparer.Ordinal);
}
