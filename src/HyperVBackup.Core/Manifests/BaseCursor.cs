using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Walking;

namespace HyperVBackup.Manifests;

/// <summary>
/// What the previous manifest of a target folder says, asked for in the order of the walk. A manifest that turns out
/// damaged, or is not the one the set
/// was committed with, is not believed from there on: files are then compared by content, which is slower and always
/// right.
/// </summary>
internal sealed class BaseCursor : IDisposable
{
    private readonly IComparer<string> _order;
    private readonly FailureLog _log;
    private readonly string _name;
    private ManifestReader? _reader;
    private ManifestRecord? _current;

    /// <summary>Opens a manifest.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="manifest">The manifest; null: there is none to believe.</param>
    /// <param name="run">The run that must have written it.</param>
    /// <param name="order">The order of the walk.</param>
    /// <param name="log">Told when it is given up.</param>
    public BaseCursor(IFileSystem files, string? manifest, Guid run, WalkOrder order, FailureLog log)
    {
        _order = order;
        _log = log;
        _name = manifest ?? "";
        if (manifest == null)
            return;
        try
        {
            Open(files, manifest, run);
        }
        catch (BackupException e) when (IsOfManifest(e))
        {
            Distrust(e.Failure);
        }
    }

    /// <summary>The record at a path; null when the manifest has none. Paths must be asked for in order.</summary>
    public ManifestRecord? Find(string path)
    {
        try
        {
            while (_current != null && _order.Compare(_current.Path, path) < 0)
                _current = _reader!.Next();
            return _current?.Path == path ? _current : null;
        }
        catch (BackupException e) when (IsOfManifest(e))
        {
            Distrust(e.Failure);
            return null;
        }
    }

    /// <summary>The block list of a record; null when the manifest was given up meanwhile.</summary>
    public BlockListReader? BlocksOf(ManifestRecord record) => _reader?.BlocksOf(record);

    /// <summary>Gives the manifest up, after damage was met in a block list.</summary>
    public void Distrust(Failure why)
    {
        _log.Warn(
            "The manifest " + _name + " is not used: " + why.Cause + ". The files are compared by content instead."
        );
        Dispose();
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
        _current = null;
    }

    private void Open(IFileSystem files, string manifest, Guid run)
    {
        if (files.Find(manifest) == null)
            return;
        var reader = new ManifestReader(files, manifest);
        if (reader.Header.RunId != run || reader.Header.IgnoresCase != files.IgnoresCase)
        {
            reader.Dispose();
            throw ManifestFormat.Damaged(manifest, "it is of another run than its set");
        }

        _reader = reader;
        _current = reader.Next();
    }

    private static bool IsOfManifest(BackupException e) =>
        e.Failure.Kind
            is FailureKind.StateDamaged
                or FailureKind.IoError
                or FailureKind.LinkRefused
                or FailureKind.NotSupported;
}
