using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Json;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using Xunit;

namespace HyperVBackup.Tests.Json;

/// <summary>Results become the JSON that Json.NET's own serializer would make of them.</summary>
public sealed class PlainJsonTests
{
    private static readonly JsonSerializer Judge = JsonSerializer.Create(
        new JsonSerializerSettings
        {
            ContractResolver = new CamelCasePropertyNamesContractResolver(),
            Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()), new Seconds() },
            DateTimeZoneHandling = DateTimeZoneHandling.Utc,
        }
    );

    private static readonly RunResult Result = new()
    {
        Outcome = RunOutcome.CompleteWithWarnings,
        RunId = Guid.Parse("5b17b514-0b93-4efc-bf45-d64f8182ebdf"),
        Plan = "nächtlich \udc80",
        Set = "SetA",
        Sequence = long.MaxValue,
        Started = new DateTime(2026, 1, 29, 1, 2, 3, DateTimeKind.Utc).AddTicks(4567),
        Ended = new DateTime(2026, 1, 29, 1, 2, 5, DateTimeKind.Utc),
        Host = "host",
        Provider = "copy",
        Consistency = Consistency.Application,
        Shadows =
        [
            new Shadow
            {
                Id = Guid.NewGuid(),
                SetId = Guid.NewGuid(),
                Provider = "copy",
                Volume = "/v",
                Root = "/v",
                Created = DateTime.UtcNow,
            },
        ],
        Jobs =
        [
            new JobResult
            {
                Source = "/s",
                Target = "/t",
                Folder = "/t/Backup-SetA/s",
                Files = 1,
                Bytes = 2,
            },
        ],
        Machines =
        [
            new MachineResult
            {
                Name = "web",
                Id = Guid.NewGuid(),
                Volumes = ["C:\\", "D:\\"],
                Failure = new Failure(FailureKind.IoError, "/f", "read it", "it broke"),
            },
        ],
        Profile = new EngineTimes { ReadSeconds = 0.125 },
        Failures = [new Failure(FailureKind.SourceChanged, "/f", "copy", "it changed") { NativeCode = -2147212545 }],
        FailureCount = 1,
        Warnings = ["one", ""],
    };

    public static IEnumerable<object> Values =>
        [
            Result,
            new RunResult
            {
                Outcome = RunOutcome.Failed,
                RunId = Guid.Empty,
                Plan = "",
                Host = "",
                Started = DateTime.MinValue,
                Ended = DateTime.MinValue,
            },
            new VerifyReport
            {
                Target = "/t",
                Set = "SetA",
                Path = "/t/Backup-SetA",
                RunId = Guid.Empty,
                Completed = null,
                Damages =
                [
                    new Damage
                    {
                        File = "VHD/a",
                        Failure = new Failure(FailureKind.BlockDamaged, "/a", "verify", "no"),
                        Offset = 1,
                        Length = 2,
                    },
                ],
            },
            TimeSpan.FromMilliseconds(1234.5678),
            SetCondition.Complete,
            (SetCondition)77,
            new List<string> { "a" },
        ];

    [Fact]
    public void It_is_what_the_serializer_makes() =>
        Assert.All(Values, value => AssertEqual(JToken.FromObject(value, Judge), RunJson.ToToken(value)));

    [Fact]
    public void The_journal_is_what_the_serializer_makes()
    {
        var entry = new JournalEntry
        {
            Id = Guid.NewGuid(),
            Provider = "vss",
            SetId = null,
            Created = new DateTime(2026, 1, 29, 1, 2, 3, DateTimeKind.Utc),
            Snapshots = [new JournalSnapshot(Guid.NewGuid(), @"\\?\Volume{1}\", "")],
            Exposures = [new JournalExposure(Guid.NewGuid(), @"X:\", true)],
            Owner = JournalOwner.Current,
        };
        var judge = JsonSerializer.Create(
            new JsonSerializerSettings { DateTimeZoneHandling = DateTimeZoneHandling.Utc }
        );
        AssertEqual(JToken.FromObject(entry, judge), PlainJson.AsNamed.ToToken(entry));
    }

    [Fact]
    public void A_result_that_is_asked_for_again_is_the_same_and_can_be_changed()
    {
        var first = RunJson.OfResult(Result);
        first.RemoveAll();
        AssertEqual(JToken.FromObject(Result, Judge), RunJson.ToToken(Result));
        AssertEqual(
            JToken.FromObject(Result with { Set = "SetB" }, Judge),
            RunJson.ToToken(Result with { Set = "SetB" })
        );
    }

    [Theory]
    [InlineData(typeof(Dictionary<string, int>))]
    [InlineData(typeof(InvalidOperationException))]
    public void What_is_no_plain_data_is_refused(Type type) =>
        Assert.Throws<NotSupportedException>(() => RunJson.ToToken(Activator.CreateInstance(type)!));

    [Fact]
    public void What_was_written_is_read_again()
    {
        var again = RunJson.ToResult(Parsed(RunJson.ToToken(Result)));
        AssertEqual(RunJson.ToToken(Result), RunJson.ToToken(again));
        Assert.Equal((FailureKind.SourceChanged, -2147212545), (again.Failures[0].Kind, again.Failures[0].NativeCode));
        Assert.Equal(DateTimeKind.Utc, again.Started.Kind);
    }

    [Fact]
    public void A_journal_is_read_again()
    {
        var entry = new JournalEntry
        {
            Id = Guid.NewGuid(),
            Provider = "btrfs",
            SetId = Guid.NewGuid(),
            Persistent = true,
            Created = new DateTime(2026, 1, 29, 1, 2, 3, DateTimeKind.Utc),
            Snapshots =
            [
                new JournalSnapshot(Guid.NewGuid(), "/v", "/v/.s")
                {
                    Aliases = [new ShadowAlias("/a", "/v/.s/a")],
                    Uuid = Guid.NewGuid(),
                    Taken = DateTime.UtcNow,
                },
            ],
            Exposures = [new JournalExposure(Guid.NewGuid(), "/mnt/x", true)],
            Owner = JournalOwner.Current,
        };
        var again = PlainJsonReader.AsNamed.Read<JournalEntry>(Parsed(PlainJson.AsNamed.ToToken(entry)));
        AssertEqual(PlainJson.AsNamed.ToToken(entry), PlainJson.AsNamed.ToToken(again));
        Assert.Equal(
            (entry.Owner, entry.Exposures[0], entry.Snapshots[0].Taken),
            (again.Owner, again.Exposures[0], again.Snapshots[0].Taken)
        );
    }

    [Fact]
    public void What_is_missing_leaves_the_defaults_and_what_is_unknown_is_passed_over()
    {
        var result = PlainJsonReader.ForResults.Read<RunResult>(
            JObject.Parse("""{ "outcome": "failed", "unheardOf": [1], "duration": 3, "sequence": 7 }""")
        );
        Assert.Equal(
            (RunOutcome.Failed, 7L, "", 0, null),
            (result.Outcome, result.Sequence, result.Set, result.Jobs.Count, result.Profile)
        );
    }

    [Theory]
    [InlineData("""{ "sequence": "many" }""", "'sequence' is no number in its range")]
    [InlineData("""{ "sequence": 99999999999999999999999 }""", "'sequence' is no number in its range")]
    [InlineData("""{ "sequence": null }""", "'sequence' is no number in its range")]
    [InlineData("""{ "set": 3 }""", "'set' is no text")]
    [InlineData("""{ "verified": "yes" }""", "'verified' is no true or false")]
    [InlineData("""{ "outcome": "splendid" }""", "'outcome' is no word that is known")]
    [InlineData("""{ "runId": "5b17" }""", "'runId' is no id")]
    [InlineData("""{ "started": "yesterday" }""", "'started' is no time")]
    [InlineData("""{ "jobs": { } }""", "'jobs' is no list")]
    [InlineData("""{ "jobs": [{ }, 5] }""", "'jobs[1]' is no object")]
    public void What_is_of_another_kind_is_named(string json, string complaint) =>
        Assert.StartsWith(
            complaint,
            Assert
                .ThrowsAny<JsonException>(() => PlainJsonReader.ForResults.Read<RunResult>(JObject.Parse(json)))
                .Message,
            StringComparison.Ordinal
        );

    private static JObject Parsed(JToken json) => JObject.Parse(Text(json));

    // As text: that is what others read.
    private static void AssertEqual(JToken expected, JToken actual) => Assert.Equal(Text(expected), Text(actual));

    private static string Text(JToken json) =>
        JsonConvert.SerializeObject(
            json,
            Formatting.Indented,
            new JsonSerializerSettings { DateTimeZoneHandling = DateTimeZoneHandling.Utc }
        );

    private sealed class Seconds : JsonConverter<TimeSpan>
    {
        public override void WriteJson(JsonWriter writer, TimeSpan value, JsonSerializer serializer) =>
            writer.WriteValue(Math.Round(value.TotalSeconds, 3));

        public override TimeSpan ReadJson(
            JsonReader reader,
            Type objectType,
            TimeSpan existingValue,
            bool hasExistingValue,
            JsonSerializer serializer
        ) => throw new NotSupportedException();
    }
}
