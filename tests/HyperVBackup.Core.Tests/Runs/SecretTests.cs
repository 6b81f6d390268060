using System;
using System.IO;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>What the sets hold is as secret as the virtual machines.</summary>
public sealed class SecretTests : IDisposable
{
    private const string OwnerOnly = "700";
    private readonly MiniatureHost _host = new();

    public SecretTests() => Platform.NeedsPosix();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Sets_and_state_folder_can_be_opened_by_their_owner_only()
    {
        var result = _host.Backup();
        Assert.Equal((RunOutcome.Complete, 0), (result.Outcome, result.Warnings.Count));
        foreach (
            var folder in new[]
            {
                Path.Combine(_host.D, "Backup-SetA"),
                Path.Combine(_host.D, "Backup-SetA", ".hvbackup"),
                _host.State.Path,
            }
        )
            Assert.Equal(OwnerOnly, FileTools.Mode(folder));
    }

    [Fact]
    public void A_plan_may_ask_for_sets_that_others_can_open_and_ours_stay_private()
    {
        FileTools.SetMode(_host.D, "755");
        Assert.Equal(RunOutcome.Complete, _host.Backup(_host.Plan with { PrivateSets = false }).Outcome);
        Assert.NotEqual(OwnerOnly, FileTools.Mode(Path.Combine(_host.D, "Backup-SetA")));
        Assert.Equal(OwnerOnly, FileTools.Mode(Path.Combine(_host.D, "Backup-SetA", ".hvbackup")));
        Assert.Equal(OwnerOnly, FileTools.Mode(_host.State.Path));
    }

    [Theory]
    [InlineData("D/Backup-SetA")]
    [InlineData("E/Backup-SetB")]
    [InlineData("state")]
    public void A_set_or_state_folder_that_others_may_write_to_is_reported_by_every_run(string folder)
    {
        _host.Backup();
        _host.Backup();
        var open = Path.Combine(_host.Root, folder);
        FileTools.SetMode(open, "762");
        for (var run = 0; run < 2; run++)
        {
            var result = _host.Backup();
            Assert.Equal(3, result.ExitCode);
            var warning = Assert.Single(result.Warnings);
            Assert.StartsWith(
                open
                    + ": cannot vouch for what it holds: everybody may write to it. Let only administrators write "
                    + "there.",
                warning,
                StringComparison.Ordinal
            );
        }

        FileTools.SetMode(open, OwnerOnly);
        Assert.Equal(0, _host.Backup().ExitCode);
    }
}
