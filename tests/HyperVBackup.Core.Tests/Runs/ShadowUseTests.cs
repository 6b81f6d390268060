using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Host;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Runs;

/// <summary>
/// Nobody takes a shadow copy from under a run that reads it, unless it is forced; and who asks for the sets is told of
/// the run.
/// </summary>
public sealed class ShadowUseTests : IDisposable
{
    private readonly ShadowHost _host = new();
    private readonly TempFolder _source = new();

    public void Dispose()
    {
        _source.Dispose();
        _host.Dispose();
    }

    // What this machine's VSS knows is no part of this, and whether it answers.
    private ShadowProviders Copies => new([_host.Providers.Get("copy")]);

    private ShadowStore Store => new(_host.Context with { Providers = Copies });

    private JournalEntry Entry => Assert.Single(_host.Journal.Entries());

    [Fact]
    public void A_set_that_a_run_reads_is_said_to_be_in_use_by_its_plan_and_process()
    {
        using var run = Begin();
        Directory.CreateDirectory(_host.State.Path);
        using var held = RunLock.Take(
            _host.Files,
            _host.State.Lock,
            "nightly",
            new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)
        );
        var user = Assert.Single(Store.Sets()).InUseBy;
        Assert.StartsWith(
            "the run of the plan 'nightly' (process " + Environment.ProcessId + " on " + Environment.MachineName,
            user,
            StringComparison.Ordinal
        );
        Assert.Equal(user, Assert.Single(Store.List()).InUseBy);
    }

    [Fact]
    public void Without_the_lock_of_a_run_it_is_the_process_that_is_named()
    {
        using var run = Begin();
        Assert.StartsWith(
            "the process " + Environment.ProcessId,
            Assert.Single(Store.Sets()).InUseBy,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_neither_removed_nor_dismounted(bool remove)
    {
        using var run = Begin();
        var shadow = Assert.Single(Store.List());
        var refused = Assert.Throws<BackupException>(() => Take(remove, shadow, false)).Failure;
        Assert.Equal(FailureKind.LockHeld, refused.Kind);
        Assert.Contains("in use by", refused.Cause, StringComparison.Ordinal);
        Assert.Contains("-Force", refused.Advice, StringComparison.Ordinal);
        Assert.Single(_host.Journaled);
        Take(remove, shadow, true);
        Assert.Equal(remove ? 0 : 1, _host.Journaled.Count);
    }

    [Fact]
    public void A_run_that_began_after_the_sets_were_listed_keeps_its_own()
    {
        Store.Create([_source.Path], new() { Provider = "copy" }, out _, CancellationToken.None);
        var listed = Assert.Single(Store.List());
        _host.Journal.Update(Entry with { Kept = false });
        Assert.Null(listed.InUseBy);
        Assert.Throws<BackupException>(() => Store.Delete(listed));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void What_was_made_to_be_kept_and_what_a_dead_run_left_is_nobodys(bool kept, bool lives)
    {
        Store.Create([_source.Path], new() { Provider = "copy" }, out _, CancellationToken.None);
        var owner = lives
            ? JournalOwner.Current
            : new JournalOwner(0x7ffffff0, DateTime.UtcNow, Environment.MachineName);
        _host.Journal.Update(Entry with { Kept = kept, Owner = owner });
        var set = Assert.Single(Store.Sets());
        Assert.Null(set.InUseBy);
        Store.Delete(set.Shadows.Single());
        Assert.Empty(_host.Journaled);
    }

    private IShadowSession Begin() =>
        _host.Providers.Get("copy").Create(ShadowHost.Request(_source.Path), CancellationToken.None);

    private void Take(bool remove, Shadow shadow, bool force)
    {
        if (remove)
            Store.Delete(shadow, force);
        else
            Store.Unexpose(shadow, force);
    }
}
