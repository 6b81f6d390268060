using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Manifests;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Tests;
using HyperVBackup.Walking;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>
/// A source and some targets in a temporary folder, mirrored as a run would: with the manifest of one run as the base
/// of the next.
/// </summary>
internal sealed class MirrorBench : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IFileSystem _files;
    private readonly int _targets;
    private readonly Guid[] _baseRun;

    public MirrorBench(int targets = 1, IFileSystem? files = null)
    {
        _targets = targets;
        _files = files ?? FileSystems.Current;
        _baseRun = new Guid[targets];
        Source = Path.Combine(_folder, "source");
        Directory.CreateDirectory(Source);
    }

    public string Source { get; }

    /// <summary>
    /// When the source is said to have been frozen; null: now, so that what was written a moment ago is too young to be
    /// believed.
    /// </summary>
    public DateTime? Frozen { get; set; }

    public FailureLog Log { get; private set; } = new();

    public MirrorProgress Progress { get; } = new();

    public string Root => _folder;

    public string Target(int index = 0) => Path.Combine(_folder, "target" + index);

    public string Manifest(int index = 0) => Path.Combine(_folder, "target" + index + ".manifest");

    /// <summary>Mirrors in a set, and makes the new manifests the base of the next time.</summary>
    public IReadOnlyList<MirroredTarget> Backup(GlobFilter? filter = null, bool trustBase = true)
    {
        Log = new FailureLog();
        using var engine = new MirrorEngine(_files, Log, Progress);
        var run = Guid.NewGuid();
        var result = engine.Run(
            new MirrorJob
            {
                Source = Source,
                SourceName = Source,
                Filter = filter ?? GlobFilter.All,
                InSet = true,
                Frozen = Frozen ?? DateTime.UtcNow,
                Targets = Enumerable
                    .Range(0, _targets)
                    .Select(i => new MirrorTarget
                    {
                        Folder = Target(i),
                        BaseManifest = trustBase ? Manifest(i) : null,
                        BaseRun = _baseRun[i],
                        NewManifest = Manifest(i) + ".new",
                        Header = new ManifestHeader(run, "VHD", _files.IgnoresCase),
                    })
                    .ToList(),
            },
            CancellationToken.None
        );
        for (var i = 0; i < _targets; i++)
        {
            _files.Rename(Manifest(i) + ".new", Manifest(i));
            _baseRun[i] = run;
        }

        return result;
    }

    /// <summary>Mirrors without a set, as Copy-HvMirror does.</summary>
    public IReadOnlyList<MirroredTarget> Mirror(GlobFilter? filter = null)
    {
        Log = new FailureLog();
        using var engine = new MirrorEngine(_files, Log, Progress);
        return engine.Run(
            new MirrorJob
            {
                Source = Source,
                SourceName = Source,
                Filter = filter ?? GlobFilter.All,
                Targets = Enumerable.Range(0, _targets).Select(i => new MirrorTarget { Folder = Target(i) }).ToList(),
            },
            CancellationToken.None
        );
    }

    public void Dispose() => _folder.Dispose();
}
