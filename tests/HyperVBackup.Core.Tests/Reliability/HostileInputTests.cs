using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using HyperVBackup.Content;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Runs;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// A set comes back from a disk that others could write to: listed, verified, restored and backed up to, it is refused
/// in clear words, and nothing outside
/// of the folders that were named is written or deleted. A decoy beside them tells.
/// </summary>
public sealed class HostileInputTests
{
    private readonly MemoryHost _host = MemoryHost.New();
    private readonly string _set;
    private readonly string _state;
    private readonly string _decoy = MemoryFiles.At("D/decoy");
    private readonly List<string> _before;

    public HostileInputTests()
    {
        _host.BackupWell();
        _host.Change(2);
        _host.BackupWell();
        _host.Change(3);
        _set = SetLayout.SetFolder(_host.Targets[0], "SetB");
        _state = SetLayout.StateFileOf(_set);
        Files.Put(PathOf.Join(_decoy, "file"), [1, 2, 3]);
        Files.Put(PathOf.Join(_decoy, "web.vhdx"), new byte[5_000_000]);
        Files.Put(PathOf.Join(_decoy, "sub/deep"), [4]);
        _before = MemoryHost.Describe(Files, _decoy);
    }

    public static TheoryData<string> SetStates() =>
        [
            "folder ..",
            "folder ../decoy",
            "folder /m/D/decoy",
            "folder VHD/../../decoy",
            "folder a\\b",
            "folder C:",
            "folder .hvbackup",
            "folder NUL",
            "folder ",
            "folder VHD.",
            "same folder twice",
            "another set's name",
            "name with ..",
            "negative count",
            "absurd count",
            "absurd sequence",
            "count that is a text",
            "endless number",
            "run id that is none",
            "time that is none",
            "state that is none",
            "no state",
            "no jobs",
            "jobs that are no list",
            "job that is no object",
            "newer schema",
            "schema that is none",
            "nothing",
            "something after its end",
            "a zero after its end",
            "a property twice",
            "half of it",
            "deep",
            "huge",
            "zeroes",
            "a folder in its place",
            "a link in its place",
        ];

    private MemoryFiles Files => _host.Files;

    [Theory]
    [MemberData(nameof(SetStates))]
    public void A_forged_or_damaged_set_state_is_refused_in_clear_words(string how)
    {
        Forge(how);
        var found = Assert.Single(_host.Sets(_host.Targets[0]), set => set.Path == _set);
        // One that a newer version wrote is none that this one may call damaged.
        Assert.Equal(
            found.Problem!.Kind == FailureKind.NotSupported ? SetCondition.Unreadable : SetCondition.Damaged,
            found.State
        );
        Assert.Contains(found.Problem!.Kind, new[] { FailureKind.StateDamaged, FailureKind.NotSupported });
        Assert.True(
            found.Problem.Target == _state && found.Problem.Cause.Length > 5 && found.Problem.Advice.Length > 5,
            found.Problem.Message
        );
        Assert.Throws<BackupException>(() => SetCatalogue.Choose(Files, _host.Targets[0], "SetB"));
        Assert.Equal("SetA", SetCatalogue.Choose(Files, _host.Targets[0], null).Set);
        AfterBackup(expectSetA: true);
    }

    [Theory]
    [InlineData("../../../decoy/file")]
    [InlineData("/m/D/decoy/file")]
    [InlineData("sub/../../../../decoy/file")]
    [InlineData("./sub")]
    [InlineData("sub//x")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_manifest_whose_paths_leave_the_folder_is_refused(string path)
    {
        ForgeManifest(manifest => manifest.Add(Record(path, EntryKind.File, 0)));
        var report = _host.Verify(SetCatalogue.Choose(Files, _host.Targets[0], "SetB"));
        Assert.Contains(report.Damages, damage => damage.Failure.Kind == FailureKind.StateDamaged);
        Restore(report => Assert.Equal(5, report.ExitCode));
    }

    [Fact]
    public void Links_in_a_manifest_are_restored_as_links_and_nothing_is_restored_through_them()
    {
        // The set itself leads out of itself in the same way, so that every hash would be right.
        Wipe(PathOf.Join(_set, "VHD"));
        Files.CreateFolder(PathOf.Join(_set, "VHD"), false);
        Files.CreateLink(PathOf.Join(_set, "VHD/a"), Link(_decoy));
        ForgeManifest(manifest =>
        {
            manifest.Add(new ManifestRecord("a", Link(_decoy)));
            manifest.Add(Record("a/evil", EntryKind.File, 0));
            manifest.Add(Record("a/sub", EntryKind.Folder, 0));
        });
        Files.Put(PathOf.Join(_decoy, "evil"), []);
        _before.Clear();
        _before.AddRange(MemoryHost.Describe(Files, _decoy));
        Restore(report => Assert.Contains(report.Failures, failure => failure.Kind == FailureKind.LinkRefused));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 60)]
    [InlineData(-1L)]
    public void Absurd_sizes_are_refused_in_bounded_memory(long size)
    {
        ForgeManifest(manifest => manifest.Add(Record("web.vhdx", EntryKind.File, size)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var report = _host.Verify(SetCatalogue.Choose(Files, _host.Targets[0], "SetB"));
        Assert.False(report.IsGood);
        Restore(restored => Assert.NotEqual(0, restored.ExitCode));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    [Fact]
    public void A_manifest_of_another_set_run_or_folder_is_refused()
    {
        foreach (
            var other in new[]
            {
                SetLayout.ManifestOf(SetLayout.SetFolder(_host.Targets[0], "SetA"), "VHD"),
                SetLayout.ManifestOf(_set, "CFG"),
            }
        )
        {
            Files.Put(SetLayout.ManifestOf(_set, "VHD"), Files.Get(other));
            VouchForManifest();
            Assert.Contains(
                _host.Verify(SetCatalogue.Choose(Files, _host.Targets[0], "SetB")).Damages,
                damage => damage.Failure.Cause.Contains("another run or folder", StringComparison.Ordinal)
            );
            Restore(report => Assert.Equal(5, report.ExitCode));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hvbackup")]
    [InlineData("VHD")]
    public void A_link_in_place_of_a_folder_of_the_set_stops_the_run(string folder)
    {
        MakeLink(folder.Length == 0 ? _set : PathOf.Join(_set, folder), _decoy);
        Mark("SetA");
        var result = _host.Backup();
        Assert.Equal(RunOutcome.Failed, result.Outcome);
        Assert.Contains(result.Failures, failure => failure.Kind is FailureKind.LinkRefused);
        AssertDecoy();
    }

    [Theory]
    [InlineData("VHD/sub")]
    [InlineData("VHD/web.vhdx")]
    [InlineData("VHD/turned")]
    [InlineData(".hvbackup/VHD.manifest.new")]
    [InlineData(".hvbackup/VHD.manifest")]
    public void Links_deeper_in_a_set_are_replaced_and_not_followed(string planted)
    {
        MakeLink(
            PathOf.Join(_set, planted),
            planted.EndsWith("sub", StringComparison.Ordinal) ? _decoy : PathOf.Join(_decoy, "web.vhdx")
        );
        Mark("SetA");
        var result = _host.Backup();
        // A manifest that cannot be believed is worth a word; the rest is simply put right.
        Assert.Equal(
            (
                "SetB",
                planted.EndsWith(".manifest", StringComparison.Ordinal)
                    ? RunOutcome.CompleteWithWarnings
                    : RunOutcome.Complete
            ),
            (result.Set, result.Outcome)
        );
        _host.RequireEqual("SetB");
        _host.RequireTruth();
        AssertDecoy();
    }

    [Fact]
    public void A_second_name_of_somebody_elses_file_is_not_written_through()
    {
        var copy = PathOf.Join(_set, "VHD/web.vhdx");
        Files.DeleteFile(copy);
        Files.HardLink(PathOf.Join(_decoy, "web.vhdx"), copy);
        var before = Files.Digest(PathOf.Join(_decoy, "web.vhdx"));
        Mark("SetA");
        _host.BackupWell();
        _host.RequireEqual("SetB");
        Assert.Equal(before, Files.Digest(PathOf.Join(_decoy, "web.vhdx")));
    }

    [Fact]
    public void The_lock_is_not_taken_through_a_link()
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        var victim = folder.Write("victim", "precious");
        File.CreateSymbolicLink(folder["symbolic"], victim);
        FileSystems.Current.Find(victim);
        Assert.Equal(0, HardLinkNative(victim, folder["hard"]));
        foreach (var name in new[] { "symbolic", "hard" })
            Assert.Equal(
                FailureKind.LinkRefused,
                Assert
                    .Throws<BackupException>(() =>
                        RunLock.Take(FileSystems.Current, folder[name], "nightly", DateTime.UnixEpoch)
                    )
                    .Failure.Kind
            );
        Assert.Equal("precious", File.ReadAllText(victim));
    }

    [Theory]
    [InlineData(".hvbackup/VHD.manifest")]
    [InlineData(".hvbackup/set.json")]
    [InlineData("VHD/web-data.vhd")]
    public void A_pipe_in_place_of_a_file_is_not_waited_for_and_the_next_runs_put_it_right(string planted)
    {
        Platform.NeedsPosix();
        using var host = new MiniatureHost();
        Assert.Equal(RunOutcome.Complete, host.Backup().Outcome);
        var path = Path.Combine(host.D, "Backup-SetA", planted);
        File.Delete(path);
        FileTools.Pipe(path);
        if (planted.EndsWith("set.json", StringComparison.Ordinal))
            Assert.Equal(SetCondition.Damaged, host.Sets(host.D)["SetA"].State);
        else
            Assert.False(host.Verify(host.D, "SetA").IsGood);
        Assert.True(host.Backup().ExitCode is 0 or 3);
        Assert.True(host.Backup().ExitCode is 0 or 3);
        Assert.True(host.Verify(host.D, "SetA").IsGood);
        Assert.True(host.Verify(host.D, "SetB").IsGood);
    }

    [Fact]
    public void A_pipe_is_opened_by_nothing()
    {
        using var folder = new TempFolder();
        FileTools.Pipe(folder["pipe"]);
        foreach (
            var open in new Func<string, bool, IBlockFile>[]
            {
                FileSystems.Current.OpenRead,
                FileSystems.Current.OpenUpdate,
            }
        )
            Assert.Contains(
                "neither a file, a folder nor a link",
                Assert.Throws<BackupException>(() => open(folder["pipe"], true)).Failure.Cause,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void A_lock_is_the_owners_alone_and_what_a_dead_process_left_is_taken_over()
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        var path = folder["run.lock"];
        File.WriteAllText(path, "{ \"plan\": \"one that was killed\" }");
        File.Delete(path);
        using (RunLock.Take(FileSystems.Current, path, "nightly", DateTime.UnixEpoch))
        {
            Assert.Equal(0x180u, FileSystems.Current.Find(path)!.Attributes);
            var held = Assert.Throws<BackupException>(() =>
                RunLock.Take(FileSystems.Current, path, "second", DateTime.UnixEpoch)
            );
            Assert.Equal(FailureKind.LockHeld, held.Failure.Kind);
            Assert.Contains("'nightly'", held.Failure.Cause, StringComparison.Ordinal);
        }

        File.WriteAllText(path, "[[[[ not what we wrote");
        RunLock.Take(FileSystems.Current, path, "nightly", DateTime.UnixEpoch).Dispose();
        Assert.False(File.Exists(path));
    }

    [System.Runtime.InteropServices.DllImport(
        "libc",
        EntryPoint = "link",
        CharSet = System.Runtime.InteropServices.CharSet.Ansi,
        BestFitMapping = false,
        ThrowOnUnmappableChar = true
    )]
    private static extern int HardLinkNative(string existing, string name);

    private static FileEntry Link(string to) =>
        new()
        {
            Name = "link",
            Kind = EntryKind.Link,
            LinkTarget = to,
        };

    private static ManifestRecord Record(string path, EntryKind kind, long size) =>
        new(
            path,
            new FileEntry
            {
                Name = path,
                Kind = kind,
                Size = size,
                Attributes = 0x1B6,
            }
        )
        {
            Stamp = new TargetStamp(size, default, default),
            BlocksAt = size > Blocks.ChunkSize ? 12 : 0,
        };

    private void AfterBackup(bool expectSetA)
    {
        var result = _host.Backup();
        AssertDecoy();
        Assert.DoesNotContain(result.Failures, failure => failure.Kind == FailureKind.Unexpected);
        if (expectSetA)
            Assert.Equal(SetCondition.Complete, _host.Sets(_host.Targets[0]).Single(set => set.Set == "SetA").State);
        if (result.Outcome == RunOutcome.Failed)
            return;
        Assert.Equal("SetB", result.Set);
        _host.RequireEqual("SetB");
        _host.RequireTruth();
    }

    private void Restore(Action<RestoreReport> check)
    {
        var to = MemoryFiles.At("E/restored");
        var outside = MemoryHost.Describe(Files, MemoryFiles.At("D"));
        check(
            SetRestorer.Restore(
                Files,
                new RestoreRequest
                {
                    Set = SetCatalogue.Choose(Files, _host.Targets[0], "SetB"),
                    Destination = to,
                    Force = true,
                },
                new MirrorProgress(),
                default,
                1
            )
        );
        Assert.Equal(outside, MemoryHost.Describe(Files, MemoryFiles.At("D")));
        Assert.All(Files.List(MemoryFiles.At("E")), entry => Assert.Equal("restored", entry.Name));
        AssertDecoy();
    }

    private void AssertDecoy() => Assert.Equal(_before, MemoryHost.Describe(Files, _decoy));

    private void MakeLink(string path, string to)
    {
        Wipe(path);
        Files.CreateLink(path, Link(to));
    }

    private void Wipe(string path)
    {
        if (Files.Find(path) != null)
            Trees.Delete(Files, path);
    }

    // The other set becomes the newer one, so that the one with the traps is written next.
    private void Mark(string set)
    {
        var path = SetLayout.StateFileOf(SetLayout.SetFolder(_host.Targets[0], set));
        var json = JObject.Parse(Encoding.UTF8.GetString(Files.Get(path)));
        json["sequence"] = 9;
        Files.Put(path, SetStateSeal.Close(json));
    }

    private void ForgeManifest(Action<ManifestWriter> write)
    {
        var path = SetLayout.ManifestOf(_set, "VHD");
        var run = SetStateFile.Read(Files, _set)!.RunId;
        Files.DeleteFile(path);
        using (
            var manifest = new ManifestWriter(Files.Create(path, false), new ManifestHeader(run, "VHD", false))
            {
                IsStrict = false,
            }
        )
        {
            write(manifest);
            manifest.Finish();
        }

        VouchForManifest();
    }

    private void VouchForManifest()
    {
        var bytes = Files.Get(SetLayout.ManifestOf(_set, "VHD"));
        Edit(json =>
        {
            var job = json["jobs"]!.Single(item => (string?)item["folder"] == "VHD");
            job["manifestBytes"] = bytes.Length;
            job["manifestSha256"] = Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();
        });
    }

    private void Edit(Action<JObject> change)
    {
        var json = JObject.Parse(Encoding.UTF8.GetString(Files.Get(_state)));
        change(json);
        Files.Put(_state, SetStateSeal.Close(json));
    }

    private void Forge(string how)
    {
        var text = Encoding.UTF8.GetString(Files.Get(_state));
        switch (how)
        {
            case "same folder twice":
                Edit(json => json["jobs"]![1]!["folder"] = "vhd");
                break;
            case "another set's name":
                Edit(json => json["set"] = "SetA");
                break;
            case "name with ..":
                Edit(json => json["set"] = "../SetB");
                break;
            case "negative count":
                Edit(json => json["jobs"]![0]!["files"] = -1);
                break;
            case "absurd count":
                Edit(json => json["jobs"]![0]!["bytes"] = long.MaxValue);
                break;
            case "absurd sequence":
                Edit(json => json["sequence"] = long.MaxValue);
                break;
            case "count that is a text":
                Edit(json => json["sequence"] = "many");
                break;
            case "endless number":
                Put(
                    text.Replace(
                        "\"sequence\": 2",
                        "\"sequence\": " + new string('9', 100_000),
                        StringComparison.Ordinal
                    )
                );
                break;
            case "run id that is none":
                Edit(json => json["runId"] = "x");
                break;
            case "time that is none":
                Edit(json => json["started"] = "yesterday");
                break;
            case "state that is none":
                Edit(json => json["state"] = "good");
                break;
            case "no state":
                Edit(json => json.Remove("state"));
                break;
            case "no jobs":
                Edit(json => json.Remove("jobs"));
                break;
            case "jobs that are no list":
                Edit(json => json["jobs"] = new JObject());
                break;
            case "job that is no object":
                Edit(json => json["jobs"] = new JArray("VHD"));
                break;
            case "newer schema":
                Edit(json => json["schema"] = 2);
                break;
            case "schema that is none":
                Edit(json => json["schema"] = "1.5");
                break;
            case "nothing":
                Put("");
                break;
            case "something after its end":
                Put(text + "{}");
                break;
            case "a zero after its end":
                Put(text + "\0");
                break;
            case "a property twice":
                Put(
                    text.Replace(
                        "\"state\": \"complete\"",
                        "\"state\": \"writing\", \"state\": \"complete\"",
                        StringComparison.Ordinal
                    )
                );
                break;
            case "half of it":
                Put(text.Substring(0, text.Length / 2));
                break;
            case "deep":
                Put("{\"schema\":1,\"jobs\":" + new string('[', 1_000_000));
                break;
            case "huge":
                Put(text + new string(' ', 5_000_000));
                break;
            case "zeroes":
                Files.Put(_state, new byte[text.Length]);
                break;
            case "a folder in its place":
                Files.DeleteFile(_state);
                Files.CreateFolder(_state, false);
                break;
            case "a link in its place":
                MakeLink(_state, PathOf.Join(_decoy, "file"));
                break;
            default:
                Edit(json => json["jobs"]![0]!["folder"] = how.Substring("folder ".Length));
                break;
        }
    }

    private void Put(string text) => Files.Put(_state, Encoding.UTF8.GetBytes(text));
}
