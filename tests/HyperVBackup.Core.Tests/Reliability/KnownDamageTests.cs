using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Plans;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// What a verification found damaged counts as a copy for nothing, and nothing that shares blocks with it is
/// believed.
/// </summary>
public sealed class KnownDamageTests
{
    private static readonly KeepRule LastTwo = new() { Last = 2 };

    [Theory]
    // Sets from the newest to the oldest, x: found damaged; and those that stay.
    [InlineData("5 4 3 2 1", "5 4")]
    [InlineData("5x 4x 3 2 1", "5x 4x 3 2")]
    [InlineData("3x 2x 1", "3x 2x 1")]
    [InlineData("5x 4x 3x 2x 1", "5x 4x 1")]
    [InlineData("5 4x 3x 2x 1", "5 4x 1")]
    [InlineData("3x 2x 1x", "3x 2x")]
    public void Only_good_sets_use_the_numbers_of_a_rule_up(string sets, string kept)
    {
        var series = new SetSeries(
            new BackupPlan { Name = "nightly", Keep = LastTwo },
            [sets.Split(' ').Select(word => Set("D", word)).ToList()],
            "HV1"
        );
        Assert.Equal(
            kept.Split(' '),
            series
                .Judge(LastTwo, TimeZoneInfo.Utc)
                .Where(item => item.Reasons.Count > 0)
                .Select(item => item.Parts[0].Started!.Value.Day + (item.Parts[0].FoundDamaged ? "x" : ""))
        );
    }

    [Fact]
    public void Each_target_keeps_its_own_good_ones()
    {
        var series = new SetSeries(
            new BackupPlan { Name = "nightly", Keep = LastTwo },
            [
                [Set("D", "4"), Set("D", "3"), Set("D", "2"), Set("D", "1")],
                [Set("E", "4x"), Set("E", "3x"), Set("E", "2"), Set("E", "1")],
            ],
            "HV1"
        );
        Assert.All(series.Judge(LastTwo, TimeZoneInfo.Utc), item => Assert.NotEmpty(item.Reasons));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_set_after_one_that_was_found_damaged_is_whole_although_they_share_blocks(bool keeps)
    {
        var host = MemoryHost.New(clones: true);
        host.Keep = keeps ? new KeepRule { Last = 3 } : null;
        var sets = new List<string>();
        for (var run = 0; run < 3; run++)
        {
            sets.Add(host.BackupWell());
            host.Change(run + 2);
        }

        // A block that no run changes rots in all sets that share it; one verification finds it in one.
        host.Files.Rot(PathOf.Join(SetLayout.SetFolder(host.Targets[0], sets[^1]), "VHD/rests.vhd"), 5);
        host.Verify(SetCatalogue.Choose(host.Files, host.Targets[0], sets[^1]));
        Assert.True(SetCatalogue.Find(host.Files, host.Targets[0], sets[^1])!.FoundDamaged);

        for (var run = 0; run < 3; run++)
        {
            var result = host.Backup();
            Assert.Empty(result.Failures);
            Assert.True(host.Verify(SetCatalogue.Find(host.Files, host.Targets[0], result.Set)!).IsGood);
            host.RequireEqual(result.Set);
        }
    }

    private static SetInfo Set(string target, string word)
    {
        var number = word[0] - '0';
        var name = "2026-01-0" + number + "_0200";
        return new SetInfo
        {
            Target = target,
            Set = name,
            Path = target + "/Backup-" + name,
            State = SetCondition.Complete,
            FoundDamaged = word.EndsWith('x'),
            Content = new SetState
            {
                Plan = "nightly",
                Set = name,
                RunId = new Guid(number, 0, 0, new byte[8]),
                Sequence = number,
                State = SetCondition.Complete,
                Started = new DateTime(2026, 1, number, 2, 0, 0, DateTimeKind.Utc),
                Host = "HV1",
                Provider = "copy",
                Consistency = Consistency.None,
            },
        };
    }
}
