using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// A file system that tells of every call as it is made, and of those that fail: for who has to find out what a run
/// does, and where it stops. Reads and writes of opened files are not told,
/// nor look-ups, which are many and change nothing.
/// </summary>
internal sealed class TracedFiles : IFileSystem, IBlockAccounting
{
    private readonly IFileSystem _inner;
    private readonly Action<string> _tell;

    /// <summary>Tells of the calls to another file system.</summary>
    /// <param name="inner">The one that does the work.</param>
    /// <param name="tell">Told each call in a line; from any thread.</param>
    public TracedFiles(IFileSystem inner, Action<string> tell)
    {
        _inner = inner;
        _tell = tell;
    }

    public bool IgnoresCase => _inner.IgnoresCase;

    public FileEntry? Find(string path) => _inner.Find(path);

    public string Resolve(string path) => Told("Resolve " + path, () => _inner.Resolve(path));

    public IReadOnlyList<FileEntry> List(string folder) => Told("List " + folder, () => _inner.List(folder));

    public IBlockFile OpenRead(string path, bool direct) =>
        Told("OpenRead " + path, () => _inner.OpenRead(path, direct));

    public IBlockFile OpenUpdate(string path, bool direct) =>
        Told("OpenUpdate " + path, () => _inner.OpenUpdate(path, direct));

    public IBlockFile Create(string path, bool direct) => Told("Create " + path, () => _inner.Create(path, direct));

    public void CreateFolder(string path, bool isPrivate) =>
        Told("CreateFolder " + path + (isPrivate ? ", private" : ""), () => _inner.CreateFolder(path, isPrivate));

    public void CreateLink(string path, FileEntry like) =>
        Told("CreateLink " + path + " to " + like.LinkTarget, () => _inner.CreateLink(path, like));

    public void Rename(string from, string to) => Told("Rename " + from + " to " + to, () => _inner.Rename(from, to));

    public void DeleteFile(string path) => Told("DeleteFile " + path, () => _inner.DeleteFile(path));

    public void DeleteFolder(string path) => Told("DeleteFolder " + path, () => _inner.DeleteFolder(path));

    public void SetMetadata(string path, FileEntry like) =>
        Told("SetMetadata " + path, () => _inner.SetMetadata(path, like));

    public void FlushFolder(string folder) => Told("FlushFolder " + folder, () => _inner.FlushFolder(folder));

    public bool TryFlushVolume(string path) => Told("TryFlushVolume " + path, () => _inner.TryFlushVolume(path));

    public VolumeInfo GetVolume(string path) => Told("GetVolume " + path, () => _inner.GetVolume(path));

    public bool TryClone(string source, string destination) =>
        Told("TryClone " + source + " to " + destination, () => _inner.TryClone(source, destination));

    public string? WhoElseMayWrite(string path) => Told("WhoElseMayWrite " + path, () => _inner.WhoElseMayWrite(path));

    public BlockUse? UseOf(string path) =>
        _inner is IBlockAccounting accounting ? Told("UseOf " + path, () => accounting.UseOf(path)) : null;

    private void Told(string call, Action act) =>
        Told(
            call,
            () =>
            {
                act();
                return 0;
            }
        );

    private T Told<T>(string call, Func<T> act)
    {
        _tell(call);
        try
        {
            return act();
        }
        catch (BackupException e)
        {
            _tell(call + " failed: " + e.Failure.Cause);
            throw;
        }
    }
}
