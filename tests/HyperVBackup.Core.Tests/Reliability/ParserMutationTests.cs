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
using HyperVBackup.Manifests;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Damaged and forged input for every parser: none hangs, crashes, takes memory beyond bounds or passes as good.
/// Virtual disks have tests of their own
/// (DiskMutationTests). HVBACKUP_LONG_TESTS=1: 100,000 inputs for each parser.
/// </summary>
public class ParserMutationTests(ITestOutputHelper output)
{
    private const long MostBytes = 64 * 1024 * 1024;
    private static readonly int Rounds =
        Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1" ? 100_000 : 2_000;
    private static readonly string SetFolder = SetLayout.SetFolder(MemoryFiles.At("D"), "SetA");

    [Fact]
    public void Set_states()
    {
        var files = Backed().Files;
        var path = SetLayout.StateFileOf(SetFolder);
        var refused = Run(
            files.Get(path),
            true,
            1,
            mutated =>
            {
                files.Put(path, mutated);
                var state = SetStateFile.Read(files, SetFolder)!;
                // What is taken is harmless: names that stay inside, counts that add up.
                Assert.All(state.Jobs, job => Assert.Null(FolderNames.WhyNot(job.Folder)));
                Assert.Equal("SetA", state.Set, ignoreCase: true);
                var info = Assert.Single(SetCatalogue.List(files, MemoryFiles.At("D")));
                Assert.True(info.Sequence >= 0 && info.Files >= 0 && info.Bytes >= 0);
            }
        );
        output.WriteLine($"{Rounds} set states, {refused} refused.");
    }

    [Fact]
    public void Manifests_that_were_changed_are_never_good()
    {
        var files = Backed().Files;
        var path = SetLayout.ManifestOf(SetFolder, "VHD");
        var original = files.Get(path);
        var refused = Run(
            original,
            false,
            2,
            mutated =>
            {
                files.Put(path, mutated);
                ReadAll(files, path);
                Assert.Equal(original, mutated);
            }
        );
        Assert.True(refused > Rounds * 9 / 10);
        output.WriteLine($"{Rounds} manifests, {refused} refused.");
    }

    [Fact]
    public void Forged_manifests_whose_checksums_are_right_keep_to_their_folder()
    {
        var files = Backed().Files;
        var path = SetLayout.ManifestOf(SetFolder, "VHD");
        var frames = Frames(files.Get(path));
        var mutator = new Mutator(3);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var forged = frames.Select(frame => (frame.Type, frame.Payload)).ToList();
            var victim = mutator.Random.Next(forged.Count);
            switch (mutator.Random.Next(6))
            {
                case 0:
                    forged.RemoveAt(victim);
                    break;
                case 1:
                    forged.Insert(mutator.Random.Next(forged.Count), forged[victim]);
                    break;
                default:
                    forged[victim] = (forged[victim].Type, mutator.Mutate(forged[victim].Payload, false));
                    break;
            }

            files.Put(path, Sealed(forged));
            refused += Guarded(
                round,
                () => Assert.All(ReadAll(files, path), record => Assert.True(RelativePaths.IsSafe(record.Path)))
            )
                ? 1
                : 0;
        }

        output.WriteLine($"{Rounds} forged manifests, {refused} refused.");
    }

    [Fact]
    public void A_set_with_a_changed_manifest_never_verifies()
    {
        var host = Backed();
        var path = SetLayout.ManifestOf(SetFolder, "VHD");
        var entry = host.Files.Find(path)!;
        var original = host.Files.Get(path);
        var frames = Frames(original);
        var mutator = new Mutator(4);
        for (var round = 0; round < Rounds / 40; round++)
        {
            var forged = frames.ToList();
            var victim = mutator.Random.Next(forged.Count);
            forged[victim] = (forged[victim].Type, mutator.Mutate(forged[victim].Payload, false));
            var bytes = round % 2 == 0 ? Sealed(forged) : mutator.Mutate(original, false);
            if (bytes.AsSpan().SequenceEqual(original))
                continue;
            host.Files.Put(path, bytes, entry.Modified);
            Assert.False(host.Verify(SetCatalogue.Choose(host.Files, host.Targets[0], null)).IsGood, "round " + round);
        }
    }

    [Fact]
    public void Plans()
    {
        const string plan = """
            // nightly
            { "name": "nightly", "sets": ["SetA", "SetB"],
              "jobs": [
                { "source": "/srv/cfg", "include": ["*.vmcx", "**/x?.xml"], "exclude": "tmp", "folder": "CFG",
                  "targets": ["/d", "/e"] },
                { "source": "/srv/vhd", "targets": ["/e"] } ],
              "shadow": { "provider": "auto", "timeoutMinutes": 10, "retries": 3, "retryDelaySeconds": 30 },
              "verify": false, "maxBytesPerSecond": 1000 }
            """;
        var files = new MemoryFiles();
        var refused = Run(
            Encoding.UTF8.GetBytes(plan),
            true,
            5,
            mutated =>
            {
                var read = PlanJson.Parse(Encoding.UTF8.GetString(mutated), "plan.json", MemoryFiles.Root);
                PlanValidator.Validate(read, files);
            }
        );
        output.WriteLine($"{Rounds} plans, {refused} refused.");
    }

    [Fact]
    public void Journals()
    {
        var files = new MemoryFiles().AddVolume("S");
        var journal = new ShadowJournal(files, MemoryHost.State);
        var id = Guid.NewGuid();
        journal.Intend(
            new JournalEntry
            {
                Id = id,
                Provider = "copy",
                Created = new DateTime(2026, 1, 29, 1, 0, 0, DateTimeKind.Utc),
                Snapshots = [new JournalSnapshot(Guid.NewGuid(), "/srv", "/srv/.shadow")],
                Exposures = [new JournalExposure(Guid.NewGuid(), "/mnt/x", true)],
                Owner = JournalOwner.Current,
            }
        );
        var path = PathOf.Join(MemoryHost.State.Shadows, id.ToString("D") + ".json");
        var refused = Run(
            files.Get(path),
            true,
            6,
            mutated =>
            {
                files.Put(path, mutated);
                foreach (var entry in journal.Entries())
                {
                    // What the clean-up looks at is there.
                    Assert.NotNull(entry.Provider);
                    entry.Owner.IsGone();
                    Assert.All(entry.Snapshots, snapshot => Assert.NotNull(snapshot.Root));
                    Assert.All(entry.Exposures, exposure => Assert.NotNull(exposure.Path));
                }
            }
        );
        output.WriteLine($"{Rounds} journal entries, {refused} refused.");
    }

    private static MemoryHost Backed()
    {
        var host = MemoryHost.New();
        host.BackupWell();
        return new MemoryHost(host.Files.Settled());
    }

    private static int Run(byte[] original, bool isText, int seed, Action<byte[]> read)
    {
        var mutator = new Mutator(seed);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var mutated = mutator.Mutate(original, isText);
            if (Guarded(round, () => read(mutated), isText ? mutated : null))
                refused++;
        }

        return refused;
    }

    // Whether it was refused, in our own words and in bounded memory.
    private static bool Guarded(int round, Action read, byte[]? text = null)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = false;
        try
        {
            read();
        }
        catch (BackupException e)
        {
            Assert.NotEqual(FailureKind.Unexpected, e.Failure.Kind);
            refused = true;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(
                $"round {round}: {e.GetType().Name}: {e.Message}\n"
                    + $"{(text == null ? "" : Encoding.UTF8.GetString(text))}",
                e
            );
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        return refused;
    }

    private static List<ManifestRecord> ReadAll(MemoryFiles files, string path)
    {
        using var reader = new ManifestReader(files, path);
        var records = new List<ManifestRecord>();
        var hash = new byte[Blocks.HashSize];
        foreach (var record in reader.All())
        {
            records.Add(record);
            if (record.Entry.Kind != EntryKind.File)
                continue;
            var blocks = reader.BlocksOf(record);
            while (blocks.Left > 0)
            {
                if (blocks.ZeroesAhead() is var zeroes and > 0)
                    blocks.SkipZeroes(zeroes);
                else
                    blocks.Next(hash, 0);
            }
        }

        return records;
    }

    private static List<(int Type, byte[] Payload)> Frames(byte[] manifest)
    {
        var frames = new List<(int, byte[])>();
        for (var at = 0; at < manifest.Length; )
        {
            var length = BitConverter.ToInt32(manifest, at + 4);
            frames.Add(
                (
                    BitConverter.ToInt32(manifest, at),
                    manifest.AsSpan(at + ManifestFormat.FrameHeaderSize, length).ToArray()
                )
            );
            at += ManifestFormat.FrameHeaderSize + length;
        }

        return frames;
    }

    private static byte[] Sealed(IEnumerable<(int Type, byte[] Payload)> frames)
    {
        var bytes = new List<byte>();
        foreach (var (type, payload) in frames)
        {
            var checksum = ManifestFormat.Checksum(bytes.Count, type, payload, payload.Length);
            bytes.AddRange(BitConverter.GetBytes(type));
            bytes.AddRange(BitConverter.GetBytes(payload.Length));
            bytes.AddRange(BitConverter.GetBytes(checksum));
            bytes.AddRange(payload);
        }

        return bytes.ToArray();
    }
}
