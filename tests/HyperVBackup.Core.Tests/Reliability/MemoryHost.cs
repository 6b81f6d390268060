using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A host that lives in memory: a volume of sources, one for the state folder, one or two targets; everything on one
/// thread, so that a run is the same every time.
/// </summary>
internal sealed class MemoryHost
{
    private const int Block = Blocks.Size;

    public MemoryHost(MemoryFiles files, int targets = 1, IFileSystem? through = null)
    {
        Files = files;
        Through = through ?? files;
        Targets = new[] { MemoryFiles.At("D"), MemoryFiles.At("E") }.Take(targets).ToArray();
    }

    public MemoryFiles Files { get; }

    /// <summary>What runs see of the files: them, or a file system around them that fails.</summary>
    public IFileSystem Through { get; set; }

    public IReadOnlyList<string> Targets { get; }

    public FakeClock Clock { get; } = new();

    public static StateFolder State => new(MemoryFiles.At("S/state"));

    public static string Disks => MemoryFiles.At("C/VHD");

    public static string Config => MemoryFiles.At("C/CFG");

    /// <summary>What the plan keeps; null: SetA and SetB take turns.</summary>
    public KeepRule? Keep { get; set; }

    public BackupPlan Plan =>
        new()
        {
            Name = "nightly",
            Keep = Keep,
            Shadow = new ShadowOptions { Provider = "copy" },
            Jobs =
            [
                new BackupJob { Source = Disks, Targets = Targets },
                new BackupJob { Source = Config, Targets = [Targets[0]] },
            ],
        };

    /// <summary>A host with some sources and no sets.</summary>
    public static MemoryHost New(int targets = 1, bool flushesVolumes = true, bool clones = false)
    {
        var files = new MemoryFiles { FlushesVolumes = flushesVolumes, Clones = clones }
            .AddVolume("C")
            .AddVolume("S")
            .AddVolume("D")
            .AddVolume("E");
        var host = new MemoryHost(files, targets);
        host.Change(1);
        return host;
    }

    /// <summary>
    /// Brings the sources to what they are at the first, second, third … run: every kind of change is among the steps
    /// from one to the next.
    /// </summary>
    public void Change(int version)
    {
        var odd = version % 2 == 1;
        // Much larger than a chunk and mostly empty: what changes in it is written in place.
        PutDisk(
            "web.vhdx",
            Blocks.ChunkSize + 300_000,
            (0, 1),
            (3, version),
            (10, odd ? 5 : 0),
            (11, odd ? 0 : 6),
            (33, version)
        );
        if (Files.Clones)
        {
            // Where blocks can be shared these are all clone: one that never changes, and two that only the set before
            // the newest does not have as they are.
            PutDisk("rests.vhd", Blocks.ChunkSize + 5000, (0, 7), (2, 7));
            PutDisk("settles.bin", 20_000, (0, version == 1 ? 3 : 4));
            Text("settles.txt", version == 1 ? "not yet" : "settled");
        }

        PutDisk("moves.vhd", odd ? 100_000 : Blocks.ChunkSize + 77, (0, version));
        PutDisk("grows.bin", 40_000 * version, (0, 9));
        PutDisk("shrinks.bin", 400_000 / version, (0, 8), (1, 8));
        Text("sub/notes.txt", "version " + version);
        Text("sub/same.txt", "always so");
        Remove(PathOf.Join(Disks, odd ? "turns/inner.txt" : "turns"));
        Remove(PathOf.Join(Disks, odd ? "turns" : "turned"));
        if (odd)
            Text("turns", "a file now");
        else
            Text("turns/inner.txt", "a folder now");
        Text("only-in-" + version + ".xml", "<vm/>");
        Remove(PathOf.Join(Disks, "only-in-" + (version - 1) + ".xml"));
        Remove(PathOf.Join(Disks, "link"));
        Files.CreateLink(
            PathOf.Join(Disks, "link"),
            new FileEntry
            {
                Name = "link",
                Kind = EntryKind.Link,
                LinkTarget = "sub/" + (odd ? "notes.txt" : "same.txt"),
            }
        );
        Files.EnsureFolder(PathOf.Join(Config, "empty"));
        Files.Put(PathOf.Join(Config, "vm.xml"), Encoding.UTF8.GetBytes("<vm version='" + version + "'/>"));
    }

    /// <summary>
    /// Puts a disk there that is mostly hole: each given block is noise of a seed; seed 0: a hole too.
    /// </summary>
    public void PutDisk(string name, int size, params (int Block, int Seed)[] blocks)
    {
        var path = PathOf.Join(Disks, name);
        Remove(path);
        Files.EnsureFolder(Disks);
        using var file = Files.Create(path, false);
        using var buffer = new AlignedBuffer(Block);
        file.SetLength(size);
        foreach (var (block, seed) in blocks)
        {
            if (seed == 0 || size <= block * Block)
                continue;
            Tree.Noise(seed * 1000 + block, Block).CopyTo(buffer.Bytes, buffer.First);
            file.Write(block * (long)Block, buffer, 0, Math.Min(Block, size - block * Block));
        }
    }

    public RunContext Context
    {
        get
        {
            var journal = new OneProcessJournal(new ShadowJournal(Through, State));
            return new RunContext
            {
                Files = Through,
                Clock = Clock,
                State = State,
                Journal = journal,
                Providers = new ShadowProviders([new CopyProvider(Through, journal, Clock)]),
                Host = "HV1",
                Zone = TimeZoneInfo.Utc,
                TakeLock = MemoryLock.Take,
                Workers = 1,
            };
        }
    }

    public RunResult Backup(BackupPlan? plan = null, CancellationToken cancel = default)
    {
        Clock.UtcNow += TimeSpan.FromHours(1);
        return BackupRun.Execute(plan ?? Plan, Context, cancel);
    }

    public MirrorResult Mirror(string destination)
    {
        Clock.UtcNow += TimeSpan.FromHours(1);
        return MirrorRun.Execute(Disks, destination, GlobFilter.All, 0, Context, CancellationToken.None);
    }

    public RestoreReport Restore(string destination, bool force = false) =>
        SetRestorer.Restore(
            Through,
            new RestoreRequest
            {
                Set = SetCatalogue.Choose(Through, Targets[0], null),
                Destination = destination,
                Force = force,
            },
            new MirrorProgress(),
            CancellationToken.None,
            1
        );

    /// <summary>
    /// Runs something whose process is killed when it has changed the files so often: nothing of it happens after that.
    /// </summary>
    public void KilledAfter(int changes, Action run)
    {
        Files.BeforeChange = () =>
        {
            if (changes-- <= 0)
                throw new BackupException(FailureKind.VolumeGone, "process", "go on", "it was killed");
        };
        try
        {
            run();
        }
        catch (BackupException) { }

        Files.BeforeChange = null;
    }

    /// <summary>A run that must succeed; returns the set it wrote.</summary>
    public string BackupWell()
    {
        var result = Backup();
        Assert.True(
            result.Outcome == RunOutcome.Complete,
            result.Outcome
                + ": "
                + string.Join(
                    "; ",
                    result.Failures.Select(failure => failure.Kind + " " + failure.Message).Concat(result.Warnings)
                )
        );
        return result.Set;
    }

    public IReadOnlyList<SetInfo> Sets(string target) => SetCatalogue.List(Files, target);

    public VerifyReport Verify(SetInfo set) =>
        SetVerifier.Verify(Files, set, false, new MirrorProgress(), CancellationToken.None, 1);

    /// <summary>
    /// Every set that says it is complete is, and a partial one holds what its manifests say; or only the named one.
    /// </summary>
    public void RequireTruth(string? only = null)
    {
        foreach (var set in Targets.SelectMany(Sets))
        {
            Assert.True(set.Problem == null, set.Path + " is not recognised: " + set.Problem);
            if (set.State is not (SetCondition.Complete or SetCondition.Partial) || (only != null && set.Set != only))
                continue;
            var report = Verify(set);
            Assert.True(
                report.IsGood,
                set.Path
                    + " says it is "
                    + set.State
                    + ", but "
                    + string.Join("; ", report.Damages.Select(damage => damage.Failure.Message))
            );
        }
    }

    /// <summary>A set is complete on all targets.</summary>
    public void RequireWhole(string set) =>
        Assert.All(
            Targets,
            target =>
                Assert.Equal(
                    (target, SetCondition.Complete),
                    (target, Sets(target).Single(found => found.Set == set).State)
                )
        );

    /// <summary>A set holds what the sources hold.</summary>
    public void RequireEqual(string set)
    {
        foreach (var target in Targets)
            Assert.Equal(Describe(Files, Disks), Describe(Files, PathOf.Join(SetLayout.SetFolder(target, set), "VHD")));
        Assert.Equal(
            Describe(Files, Config),
            Describe(Files, PathOf.Join(SetLayout.SetFolder(Targets[0], set), "CFG"))
        );
    }

    /// <summary>
    /// Nothing is left of runs but sets: no temporary file, no unfinished manifest, no lock, no entry in the journal.
    /// </summary>
    public void RequireTidy()
    {
        var left = Targets
            .Append(State.Path)
            .SelectMany(root => Walk(Files, root))
            .Where(path =>
                path.Contains(TemporaryNames.Prefix, StringComparison.Ordinal)
                || path.EndsWith(".new", StringComparison.Ordinal)
                || path.EndsWith(".lock", StringComparison.Ordinal)
                || PathOf.Parent(path) == State.Shadows
            );
        Assert.Empty(left);
    }

    /// <summary>One line for every entry below a folder.</summary>
    public static List<string> Describe(MemoryFiles files, string folder) =>
        Walk(files, folder)
            .Select(path =>
            {
                var entry = files.Find(path)!;
                var content = entry.Kind switch
                {
                    EntryKind.File => files.Digest(path),
                    EntryKind.Link => entry.LinkTarget,
                    _ => "",
                };
                return $"{path.Substring(folder.Length)} {entry.Kind} {entry.Size} {content} {entry.Modified} "
                    + $"{entry.Attributes:x}";
            })
            .ToList();

    private static IEnumerable<string> Walk(MemoryFiles files, string folder)
    {
        if (files.Find(folder) is not { Kind: EntryKind.Folder })
            yield break;
        foreach (var entry in files.List(folder).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var path = PathOf.Join(folder, entry.Name);
            yield return path;
            if (entry.Kind == EntryKind.Folder)
                foreach (var inner in Walk(files, path))
                    yield return inner;
        }
    }

    private void Text(string name, string text)
    {
        var path = PathOf.Join(Disks, name);
        if (Files.Find(path) is { Kind: EntryKind.File } && Encoding.UTF8.GetString(Files.Get(path)) == text)
            return;
        Files.Put(path, Encoding.UTF8.GetBytes(text));
    }

    private void Remove(string path)
    {
        // Not through Trees: those are what is tested.
        if (Files.Find(path) is not { } entry)
            return;
        if (entry.Kind != EntryKind.Folder)
        {
            Files.DeleteFile(path);
            return;
        }

        foreach (var inner in Files.List(path))
            Remove(PathOf.Join(path, inner.Name));
        Files.DeleteFolder(path);
    }
}
