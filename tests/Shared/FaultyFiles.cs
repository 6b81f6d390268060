using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Tests;

/// <summary>A file system that fails, or lies, where a test wants it to.</summary>
internal sealed class FaultyFiles(IFileSystem inner) : IFileSystem
{
    private readonly ConcurrentDictionary<IBlockFile, string> _open = new(ReferenceEqualityComparer.Instance);

    /// <summary>Asked before every operation, with its name and path: the failure to report, or null.</summary>
    public Func<string, string, FailureKind?> Fail { get; set; } = (_, _) => null;

    /// <summary>Asked before every write of content: whether its first byte is to be spoiled on the way.</summary>
    public Func<string, bool> Corrupt { get; set; } = _ => false;

    /// <summary>Asked before a volume is flushed: whether it refuses, without a word why.</summary>
    public Func<string, bool> RefuseFlush { get; set; } = _ => false;

    /// <summary>Makes a clone, for a file system that says it can make them; null: it is as it is.</summary>
    public Func<string, string, bool>? Clone { get; set; }

    /// <summary>What is told of the volume of a path, made of what is so.</summary>
    public Func<string, VolumeInfo, VolumeInfo> Volume { get; set; } = (_, volume) => volume;

    /// <summary>What is told of what a path names, made of what is so; null: there is nothing.</summary>
    public Func<string, FileEntry?, FileEntry?> Found { get; set; } = (_, there) => there;

    /// <summary>Told where content is written: the path, the offset, how many bytes.</summary>
    public Action<string, long, int>? Writing { get; set; }

    /// <summary>Whether it says that it fills what writes leave out, as Windows does.</summary>
    public bool FillsGaps { get; set; }

    /// <summary>How many operations there were.</summary>
    public int Operations { get; private set; }

    /// <summary>The files that were opened and not closed.</summary>
    public IReadOnlyCollection<string> Open => _open.Values.ToArray();

    public bool IgnoresCase => inner.IgnoresCase;

    public FileEntry? Find(string path) => Checked("Find", path, () => Found(path, inner.Find(path)));

    public string Resolve(string path) => Checked("Resolve", path, () => inner.Resolve(path));

    public IReadOnlyList<FileEntry> List(string folder) => Checked("List", folder, () => inner.List(folder));

    public IBlockFile OpenRead(string path, bool direct) =>
        Checked("OpenRead", path, () => Wrap(path, inner.OpenRead(path, direct)));

    public IBlockFile OpenUpdate(string path, bool direct) =>
        Checked("OpenUpdate", path, () => Wrap(path, inner.OpenUpdate(path, direct)));

    public IBlockFile Create(string path, bool direct) =>
        Checked("Create", path, () => Wrap(path, inner.Create(path, direct)));

    public void CreateFolder(string path, bool isPrivate) =>
        Checked("CreateFolder", path, () => inner.CreateFolder(path, isPrivate));

    public void CreateLink(string path, FileEntry like) =>
        Checked("CreateLink", path, () => inner.CreateLink(path, like));

    public void Rename(string from, string to) => Checked("Rename", to, () => inner.Rename(from, to));

    public void DeleteFile(string path) => Checked("DeleteFile", path, () => inner.DeleteFile(path));

    public void DeleteFolder(string path) => Checked("DeleteFolder", path, () => inner.DeleteFolder(path));

    public void SetMetadata(string path, FileEntry like) =>
        Checked("SetMetadata", path, () => inner.SetMetadata(path, like));

    public void FlushFolder(string folder) => Checked("FlushFolder", folder, () => inner.FlushFolder(folder));

    public bool TryFlushVolume(string path) =>
        Checked("TryFlushVolume", path, () => !RefuseFlush(path) && inner.TryFlushVolume(path));

    public VolumeInfo GetVolume(string path) =>
        Checked(
            "GetVolume",
            path,
            () =>
                Volume(path, Clone == null ? inner.GetVolume(path) : inner.GetVolume(path) with { ClonesBlocks = true })
        );

    public bool TryClone(string source, string destination) =>
        Checked(
            "TryClone",
            destination,
            () => Clone == null ? inner.TryClone(source, destination) : Clone(source, destination)
        );

    public string? WhoElseMayWrite(string path) => inner.WhoElseMayWrite(path);

    private void Checked(string operation, string path, Action act) =>
        Checked(
            operation,
            path,
            () =>
            {
                act();
                return 0;
            }
        );

    private T Checked<T>(string operation, string path, Func<T> act)
    {
        Operations++;
        return Fail(operation, path) is { } kind ? throw new BackupException(kind, path, operation, "injected") : act();
    }

    private FaultyFile Wrap(string path, IBlockFile file)
    {
        _open[file] = path;
        return new FaultyFile(this, path, file);
    }

    private sealed class FaultyFile(FaultyFiles files, string path, IBlockFile inner) : IBlockFile
    {
        public bool FillsGaps => files.FillsGaps || inner.FillsGaps;

        public FileEntry Stat() => files.Checked("Stat", path, inner.Stat);

        public int Read(long offset, AlignedBuffer buffer, int start, int count) =>
            files.Checked("Read", path, () => inner.Read(offset, buffer, start, count));

        public void Write(long offset, AlignedBuffer buffer, int start, int count) =>
            files.Checked(
                "Write",
                path,
                () =>
                {
                    files.Writing?.Invoke(path, offset, count);
                    if (!files.Corrupt(path) || count == 0)
                    {
                        inner.Write(offset, buffer, start, count);
                        return;
                    }

                    var first = buffer.Bytes[buffer.First + start];
                    buffer.Bytes[buffer.First + start] ^= 1;
                    inner.Write(offset, buffer, start, count);
                    buffer.Bytes[buffer.First + start] = first;
                }
            );

        public void SetLength(long length) => files.Checked("SetLength", path, () => inner.SetLength(length));

        public bool TryZero(long offset, long count) =>
            files.Checked("TryZero", path, () => inner.TryZero(offset, count));

        public bool? IsMarkedSparse() => inner.IsMarkedSparse();

        public bool TryUnmarkSparse() => inner.TryUnmarkSparse();

        public bool NextData(long offset, out long start, out long end) => inner.NextData(offset, out start, out end);

        public void SetMetadata(FileEntry like) => files.Checked("SetMetadata", path, () => inner.SetMetadata(like));

        public void Flush() => files.Checked("Flush", path, inner.Flush);

        public void Dispose()
        {
            files._open.TryRemove(inner, out _);
            inner.Dispose();
        }
    }
}
