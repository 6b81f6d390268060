using System;
using System.Linq;
using HyperVBackup.Failures;
using Xunit;

namespace HyperVBackup.Tests.Failures;

/// <summary>What a process ends with.</summary>
public sealed class ExitCodesTests
{
    [Fact]
    public void No_failure_ends_with_a_code_of_success() =>
        Assert.DoesNotContain(
            Enum.GetValues<FailureKind>().Select(ExitCodes.Of),
            code => code is ExitCodes.Complete or ExitCodes.Warnings
        );

    [Theory]
    [InlineData(FailureKind.BadPlan, 2)]
    [InlineData(FailureKind.LockHeld, 4)]
    [InlineData(FailureKind.BlockDamaged, 5)]
    [InlineData(FailureKind.DiskFull, 1)]
    [InlineData(FailureKind.NotElevated, 1)]
    public void An_exception_says_what_its_process_should_end_with(FailureKind kind, int code) =>
        Assert.Equal(code, new BackupException(kind, "a", "b", "c").ExitCode);
}
