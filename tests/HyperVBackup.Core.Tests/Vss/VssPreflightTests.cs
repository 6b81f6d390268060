using System;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Shadows;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class VssPreflightTests
{
    [Fact]
    public void A_server_with_rights_passes() => Assert.Null(VssPreflight.Check(new FakeHostFacts()));

    [Fact]
    public void Client_Windows_passes_as_far_as_folders_go() =>
        Assert.Null(VssPreflight.Check(new FakeHostFacts { IsClientWindows = true }));

    [Fact]
    public void Each_obstacle_is_named_with_its_advice()
    {
        Check(new FakeHostFacts { IsWindows = false }, FailureKind.ProviderUnavailable, "Windows only", "--provider");
        Check(
            new FakeHostFacts { IsArm64 = true },
            FailureKind.ProviderUnavailable,
            "emulated process",
            "ARM64 edition"
        );
        Check(
            new FakeHostFacts { Is64BitProcess = false },
            FailureKind.ProviderUnavailable,
            "32-bit process",
            "64-bit shell"
        );
        Check(
            new FakeHostFacts { IsElevated = false },
            FailureKind.NotElevated,
            "administrator rights",
            "Run as administrator"
        );
        Check(new FakeHostFacts { ServiceStart = 4 }, FailureKind.ProviderUnavailable, "disabled", "Set-Service VSS");
        Check(new FakeHostFacts { ServiceStart = null }, FailureKind.ProviderUnavailable, "not installed", "sfc");
    }

    [Fact]
    public void A_process_for_ARM64_on_ARM64_passes() =>
        Assert.Null(VssPreflight.Check(new FakeHostFacts { IsArm64 = true, IsArm64Process = true }));

    [Fact]
    public void A_32_bit_process_on_32_bit_Windows_passes() =>
        Assert.Null(VssPreflight.Check(new FakeHostFacts { Is64BitSystem = false, Is64BitProcess = false }));

    [Fact]
    public void The_provider_refuses_before_the_first_call()
    {
        var fixture = new VssFixture();
        fixture.Host.Host = new FakeHostFacts { IsElevated = false };
        Assert.Contains(
            "administrator rights",
            fixture.Provider.WhyNot(Array.Empty<string>())!,
            StringComparison.Ordinal
        );
        foreach (
            var operation in new Action[]
            {
                () => fixture.Create(fixture.ForMachines(fixture.Web)),
                () => fixture.Provider.ListMachines(),
                () => fixture.Provider.Query(),
            }
        )
        {
            Assert.Equal(FailureKind.NotElevated, Assert.Throws<BackupException>(operation).Failure.Kind);
        }

        Assert.Empty(fixture.Host.Calls);
    }

    [Fact]
    public void The_provider_names_a_folder_that_lies_on_no_local_volume()
    {
        var fixture = new VssFixture();
        Assert.Null(fixture.Provider.WhyNot(new[] { "/hv/D" }));
        Assert.Contains("/nas", fixture.Provider.WhyNot(new[] { "/hv/D", "/nas" })!, StringComparison.Ordinal);
    }

    [Fact]
    public void Off_Windows_the_loader_says_why_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows the loader loads.");
        var failure = Assert
            .Throws<BackupException>(() => VssProviderLoader.Load(new MemoryJournal(), new FakeClock()))
            .Failure;
        Assert.Equal(FailureKind.ProviderUnavailable, failure.Kind);
        Assert.Contains("Windows only", failure.Cause, StringComparison.Ordinal);
    }

    private static void Check(IHostFacts host, FailureKind kind, string cause, string advice)
    {
        var failure = VssPreflight.Check(host);
        Assert.NotNull(failure);
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(cause, failure.Cause, StringComparison.Ordinal);
        Assert.Contains(advice, failure.Advice, StringComparison.Ordinal);
    }
}
