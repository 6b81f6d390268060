using System;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests.Reliability;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>
/// What a set.json holds: whatever a run writes can be read back, and what was not written by a run is told from it.
/// </summary>
public sealed class SetStateTests
{
    private const int TheMost = SetStateLimits.MostBytes;
    private static readonly string Target = MemoryFiles.At("D");
    private readonly MemoryFiles _files = new MemoryFiles().AddVolume("D");

    public SetStateTests() => _files.EnsureFolder(SetLayout.StateFolderOf(Folder));

    private static string Folder => SetLayout.SetFolder(Target, "SetA");

    private static SetState State =>
        new()
        {
            Plan = "nightly",
            Set = "SetA",
            RunId = new Guid(1, 2, 3, new byte[8]),
            Sequence = 7,
            State = SetCondition.Complete,
            Started = new DateTime(2026, 11, 25, 2, 0, 0, DateTimeKind.Utc),
            Host = "HV1",
            Provider = "copy",
            Consistency = Consistency.None,
            Jobs =
            [
                new SetJob
                {
                    Source = "/data",
                    Folder = "data",
                    Files = 3,
                    Bytes = 4711,
                },
            ],
        };

    [Fact]
    public void More_damaged_disks_than_it_can_hold_are_counted_and_stand_beside_it()
    {
        var disks = Enumerable
            .Range(0, 17_000)
            .Select(i => new DiskFinding
            {
                File = "data/" + new string('d', 80) + i + ".vhdx",
                Condition = DiskCondition.NotADisk,
                Problem = "it has the name of a virtual disk, and nothing else of one",
            })
            .ToArray();
        var read = WriteAndRead(State with { Disks = disks });
        Assert.True(read.Disks.Count > 100);
        Assert.Equal(disks.Length, read.Disks.Count + read.DisksLeftOut);
        Assert.Equal(disks.Length, Lines("disks.txt").Length);
        Assert.Contains(disks[^1].File, Lines("disks.txt")[^1], StringComparison.Ordinal);
        WriteAndRead(State);
        Assert.Null(_files.Find(Beside("disks.txt")));
    }

    [Fact]
    public void Warnings_of_control_characters_take_six_bytes_each_and_still_fit()
    {
        var warnings = Enumerable.Range(0, 300).Select(i => i + new string('\x01', 3_000)).ToArray();
        var read = WriteAndRead(State with { Warnings = warnings });
        Assert.Equal(300, read.Warnings.Count + read.WarningsLeftOut);
        Assert.True(read.Warnings.Count > 10);
        Assert.Equal(300, Lines("warnings.txt").Length);
    }

    [Fact]
    public void One_warning_that_is_longer_than_all_of_it_is_cut()
    {
        var read = WriteAndRead(State with { Warnings = [new string('\x01', TheMost), "another"] });
        Assert.Equal(2, read.Warnings.Count);
        Assert.EndsWith("[...]", read.Warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-2L)]
    [InlineData(SetStateLimits.MostCount + 1)]
    public void Sums_beyond_all_counting_become_the_highest_count(long bytes)
    {
        var job = Assert.Single(
            WriteAndRead(
                State with
                {
                    Jobs =
                    [
                        new SetJob
                        {
                            Source = "/data",
                            Folder = "data",
                            Files = bytes,
                            Bytes = bytes,
                        },
                    ],
                }
            ).Jobs
        );
        Assert.Equal((SetStateLimits.MostCount, SetStateLimits.MostCount), (job.Files, job.Bytes));
    }

    [Fact]
    public void The_bytes_of_a_sparse_file_of_five_pebibytes_are_told_exactly() =>
        Assert.Equal(
            5L << 50,
            WriteAndRead(
                State with
                {
                    Jobs =
                    [
                        new SetJob
                        {
                            Source = "/data",
                            Folder = "data",
                            Files = 1,
                            Bytes = 5L << 50,
                        },
                    ],
                }
            )
                .Jobs[0]
                .Bytes
        );

    [Fact]
    public void Patterns_that_do_not_fit_fail_before_anything_is_written()
    {
        WriteAndRead(State);
        var before = _files.Get(SetLayout.StateFileOf(Folder));
        var job = State.Jobs[0] with
        {
            Exclude = Enumerable
                .Range(0, 60_000)
                .Select(i => "some-rather-long-pattern-that-names-one-file-of-many-" + i + "*.vhdx")
                .ToArray(),
        };
        var refused = Assert.Throws<BackupException>(() =>
            SetStateFile.Write(_files, Folder, State with { Jobs = [job] })
        );
        Assert.Equal(FailureKind.NotSupported, refused.Failure.Kind);
        Assert.Contains("patterns", refused.Failure.Advice, StringComparison.Ordinal);
        Assert.Equal(before, _files.Get(SetLayout.StateFileOf(Folder)));
        var plan = new BackupPlan
        {
            Jobs =
            [
                new BackupJob
                {
                    Source = Target,
                    Exclude = job.Exclude,
                    Targets = [],
                },
            ],
        };
        Assert.Contains(
            PlanValidator.Validate(plan, _files),
            problem => problem.Property == "jobs" && problem.Message.Contains("several plans", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_name_of_no_encoding_is_read_back_as_it_was() =>
        Assert.Equal(
            "/data/\udc80x",
            WriteAndRead(State with { Jobs = [State.Jobs[0] with { Source = "/data/\udc80x" }] }).Jobs[0].Source
        );

    [Theory]
    [InlineData("HV1", "HV2")]
    [InlineData("4711", "4712")]
    [InlineData("2026-11-25", "2026-11-26")]
    [InlineData("\"files\": 3", "\"files\": 4")]
    public void A_bit_that_has_rotted_where_the_text_stays_sensible_is_found(string from, string to)
    {
        WriteAndRead(State);
        Replace(from, to);
        var found = Assert.Single(SetCatalogue.List(_files, Target));
        Assert.Equal((SetCondition.Damaged, FailureKind.StateDamaged), (found.State, found.Problem!.Kind));
        Assert.Contains("checksum", found.Problem.Cause, StringComparison.Ordinal);
        Assert.Null(found.Content);
        Assert.Equal("nightly", found.Doubted!.Plan);
    }

    [Fact]
    public void A_state_of_a_version_that_wrote_no_checksum_is_read()
    {
        WriteAndRead(State);
        var json = Parse();
        json.Remove(SetStateSeal.Property);
        _files.Put(SetLayout.StateFileOf(Folder), Encoding.UTF8.GetBytes(json.ToString()));
        Assert.Equal(7, SetStateFile.Read(_files, Folder)!.Sequence);
    }

    [Theory]
    [InlineData("sequence", "2.7")]
    [InlineData("sequence", "\"2\"")]
    [InlineData("sequence", "true")]
    [InlineData("schema", "\"1\"")]
    [InlineData("schema", "1.0")]
    [InlineData("plan", "5")]
    public void A_value_of_another_type_is_refused_and_not_converted(string property, string value)
    {
        WriteAndRead(State);
        var json = Parse();
        json[property] = JToken.Parse(value);
        _files.Put(SetLayout.StateFileOf(Folder), SetStateSeal.Close(json));
        Assert.Equal(
            FailureKind.StateDamaged,
            Assert.Throws<BackupException>(() => SetStateFile.Read(_files, Folder)).Failure.Kind
        );
    }

    [Fact]
    public void A_sequence_that_no_counting_reaches_is_named_and_does_not_number_later_runs()
    {
        WriteAndRead(State);
        var json = Parse();
        json["sequence"] = 1L << 52;
        _files.Put(SetLayout.StateFileOf(Folder), SetStateSeal.Close(json));
        var found = SetCatalogue.List(_files, Target);
        Assert.Equal(SetCondition.Damaged, Assert.Single(found).State);
        Assert.Contains("4503599627370496", found[0].Problem!.Cause, StringComparison.Ordinal);
        Assert.Equal(
            ("SetA", 1L),
            (SetChooser.Choose(BackupPlan.DefaultSets, [Target], [found]) is var turn ? turn.Set : "", turn.Sequence)
        );
    }

    [Fact]
    public void A_copy_of_a_set_beside_it_is_said_to_be_one()
    {
        WriteAndRead(State);
        _files.EnsureFolder(MemoryFiles.At("D/Backup-SetA - Copy/.hvbackup"));
        _files.Put(
            MemoryFiles.At("D/Backup-SetA - Copy/.hvbackup/set.json"),
            _files.Get(SetLayout.StateFileOf(Folder))
        );
        var copy = SetCatalogue.List(_files, Target).Single(set => set.Set == "SetA - Copy");
        Assert.Equal(SetCondition.Unreadable, copy.State);
        Assert.Contains("Name the folder Backup-SetA", copy.Problem!.Advice, StringComparison.Ordinal);
    }

    private SetState WriteAndRead(SetState state)
    {
        SetStateFile.Write(_files, Folder, state);
        Assert.InRange(_files.Get(SetLayout.StateFileOf(Folder)).Length, 1, TheMost);
        return SetStateFile.Read(_files, Folder)!;
    }

    private void Replace(string from, string to)
    {
        var text = Encoding.UTF8.GetString(_files.Get(SetLayout.StateFileOf(Folder)));
        Assert.Contains(from, text, StringComparison.Ordinal);
        _files.Put(
            SetLayout.StateFileOf(Folder),
            Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal))
        );
    }

    private JObject Parse() =>
        JObject.Load(
            new Newtonsoft.Json.JsonTextReader(
                new StringReader(Encoding.UTF8.GetString(_files.Get(SetLayout.StateFileOf(Folder))))
            )
            {
                DateParseHandling = Newtonsoft.Json.DateParseHandling.None,
            }
        );

    private string[] Lines(string name) => Encoding.UTF8.GetString(_files.Get(Beside(name))).TrimEnd('\n').Split('\n');

    private static string Beside(string name) => Path.Combine(SetLayout.StateFolderOf(Folder), name);
}
