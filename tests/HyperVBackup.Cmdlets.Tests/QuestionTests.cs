using System;
using HyperVBackup.Runs;
using Xunit;

namespace HyperVBackup.Cmdlets.Tests;

/// <summary>What -WhatIf and -Confirm say of a run.</summary>
public sealed class QuestionTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public void A_target_that_may_not_have_the_room_is_named_with_both_numbers()
    {
        var preview = new RunPreview
        {
            Plan = "nightly",
            Set = "SetA",
            Targets = [Target("D", true), Target("E", false)],
        };
        Assert.Equal(
            "SetA is new. It may need 2.0 GB more on E, where 1.0 GB are free. There is no complete backup yet.",
            Question.Details(preview, Now)
        );
        Assert.DoesNotContain(
            "may need",
            Question.Details(preview with { Targets = [Target("D", true)] }, Now),
            StringComparison.Ordinal
        );
    }

    private static TargetCheck Target(string path, bool fits) =>
        new()
        {
            Target = path,
            NeededBytes = 2L << 30,
            FreeBytes = 1L << 30,
            Fits = fits,
        };
}
