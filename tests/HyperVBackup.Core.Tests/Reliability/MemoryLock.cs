using System;
using HyperVBackup.Files;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// The lock of a run on files in memory: its file comes and goes as the real one's does. That one excludes the other is
/// the real lock's to show.
/// </summary>
internal sealed class MemoryLock : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _path;

    private MemoryLock(IFileSystem files, string path)
    {
        _files = files;
        _path = path;
    }

    public static IDisposable Take(IFileSystem files, string path, string plan, DateTime now)
    {
        // What a dead process left is taken over.
        if (files.Find(path) == null)
            files.Create(path, false).Dispose();
        return new MemoryLock(files, path);
    }

    public void Dispose() => SmallFiles.TryDelete(_files, _path);
}
