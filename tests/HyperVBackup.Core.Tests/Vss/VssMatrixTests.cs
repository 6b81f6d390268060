using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss;

/// <summary>
/// Every call of a backup, failing in every way there is: nothing is ever left, and the failure names the call and its
/// code.
/// </summary>
public class VssMatrixTests
{
    private static readonly string[] TakingDown =
    {
        nameof(IVssApi.AbortBackup),
        nameof(IVssApi.DeleteSnapshotSet),
        nameof(IVssApi.DeleteSnapshot),
        nameof(IVssApi.UnexposeSnapshot),
        nameof(IDisposable.Dispose),
    };

    public static TheoryData<bool, string, int> Calls()
    {
        var calls = new TheoryData<bool, string, int>();
        foreach (var persistent in new[] { false, true })
        {
            var counts = new Dictionary<string, int>();
            foreach (var call in new Scenario(persistent).Run().Host.Calls)
            {
                counts[call] = counts.GetValueOrDefault(call) + 1;
                calls.Add(persistent, call, counts[call]);
            }
        }

        return calls;
    }

    private static readonly IReadOnlyList<VssHResult> OneOfEachKind = VssHResult
        .All.GroupBy(code => (code.Retry, code.Kind))
        .Select(kind => kind.First())
        .ToList();

    private static readonly string[] SettingUp =
    {
        VssAttempt.CreateCall,
        nameof(IVssApi.InitializeForBackup),
        nameof(IVssApi.SetContext),
    };

    [Fact]
    public void Without_faults_the_scenario_passes_and_leaves_nothing()
    {
        foreach (var persistent in new[] { false, true })
        {
            var run = new Scenario(persistent).Run();
            Assert.Null(run.Thrown);
            Assert.Empty(run.Left);
            run.AssertNothingLeft("no fault");
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_once_with_any_code_leaves_nothing(bool persistent, string call, int time)
    {
        foreach (var code in VssHResult.All)
        {
            // A service that denies that a shadow copy is there cannot be told from one that is right.
            if (code.Code == VssHResult.ObjectNotFound && TakingDown.Contains(call))
                continue;

            // Half of the codes as failures with a name, half as bare COMExceptions; the other way round for the other
            // life of a set.
            var scenario = new Scenario(persistent);
            scenario.Fixture.Host.Faults.Add(
                new FakeFault(call, code.Code, time, time, IsBare: (code.Code % 2 == 0) == persistent)
            );
            var run = scenario.Run();
            var what = call + "#" + time + " fails once with " + code.Text;
            run.AssertNothingLeft(what);
            if (run.Thrown == null)
                Assert.True(IsTolerated(code, call, time, run), what + " went by unnoticed");
            else
                run.AssertNames(call, code, what);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_takes_effect_and_fails_all_the_same_leaves_nothing(bool persistent, string call, int time)
    {
        if (
            call == VssAttempt.CreateCall
            || call == nameof(IVolumes.CreateFolder)
            || call == nameof(IDisposable.Dispose)
        )
            return;
        foreach (
            var code in new[] { VssHResult.Unexpected, VssHResult.ProviderVeto, VssHResult.HoldWritesTimeout }.Select(
                VssHResult.Of
            )
        )
        {
            var scenario = new Scenario(persistent);
            scenario.Fixture.Host.Faults.Add(new FakeFault(call, code.Code, time, time, TakesEffect: true));
            var run = scenario.Run();
            var what = call + "#" + time + " takes effect and fails with " + code.Text;
            run.AssertNothingLeft(what);
            if (run.Thrown == null)
                Assert.True(IsTolerated(code, call, time, run), what + " went by unnoticed");
            else
                run.AssertNames(call, code, what);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_for_ever_leaves_nothing_that_could_be_removed(bool persistent, string call, int time)
    {
        if (TakingDown.Contains(call))
            return;
        foreach (var code in OneOfEachKind)
        {
            var scenario = new Scenario(persistent);
            scenario.Fixture.Host.Faults.Add(new FakeFault(call, code.Code, time));
            var run = scenario.Run();
            var what = call + " fails from its " + time + ". time on with " + code.Text;
            if (run.Thrown == null)
            {
                Assert.True(IsTolerated(code, call, time, run), what + " went by unnoticed");
            }
            else
            {
                run.AssertNames(call, code, what);
            }

            // If instances cannot be made, or not be told what they are for, what exists cannot be removed; then the
            // journal still names it, for the next run.
            if (run.Fixture.Journal.Entries().Count == 0)
                run.AssertNothingLeft(what);
            else
                AssertReported(run, what);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_cannot_be_removed_is_reported_and_stays_in_the_journal(bool persistent)
    {
        var scenario = new Scenario(persistent);
        scenario.Fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.BackupComplete), VssHResult.Unexpected));
        scenario.Fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DeleteSnapshotSet), VssHResult.Unexpected));
        scenario.Fixture.Host.Faults.Add(new FakeFault(nameof(IVssApi.DeleteSnapshot), VssHResult.Unexpected));
        var run = scenario.Run();

        // A set that is not persistent goes with its instance, whatever deleting says.
        if (persistent)
            AssertReported(run, "deleting fails");
        else
            run.AssertNothingLeft("deleting fails");
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Cancelling_at_any_call_of_the_creation_leaves_nothing(bool persistent, string call, int time)
    {
        using var cancel = new CancellationTokenSource();
        var scenario = new Scenario(persistent) { Cancel = cancel.Token };
        scenario.Fixture.Host.OnCall = (name, count) =>
        {
            if (name == call && count == time)
                cancel.Cancel();
        };
        var run = scenario.Run();
        Assert.True(cancel.IsCancellationRequested);
        if (run.WasCreated)
            Assert.Null(run.Thrown);
        else
            Assert.IsAssignableFrom<OperationCanceledException>(run.Thrown);
        run.AssertNothingLeft("cancelled at " + call);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_deadline_passing_during_any_call_of_the_creation_leaves_nothing(
        bool persistent,
        string call,
        int time
    )
    {
        var scenario = new Scenario(persistent);
        scenario.Fixture.Host.OnCall = (name, count) =>
        {
            if (name == call && count == time)
                scenario.Fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        };
        var run = scenario.Run();
        run.AssertNothingLeft("overrun by " + call);
        if (run.WasCreated)
            return;
        var failure = Assert.IsType<BackupException>(run.Thrown).Failure;
        Assert.Equal(FailureKind.TimedOut, failure.Kind);
        Assert.Equal(call, failure.Operation);
    }

    public static TheoryData<bool, string, int> WriterFailures()
    {
        var data = new TheoryData<bool, string, int>();
        foreach (var persistent in new[] { false, true })
        foreach (
            var phase in new[]
            {
                nameof(IVssApi.PrepareForBackup),
                nameof(IVssApi.DoSnapshotSet),
                nameof(IVssApi.BackupComplete),
            }
        )
        foreach (var code in VssHResult.All.Where(code => code.Kind == FailureKind.WriterFailed))
            data.Add(persistent, phase, code.Code);
        return data;
    }

    [Theory]
    [MemberData(nameof(WriterFailures))]
    public void A_writer_that_fails_after_any_phase_leaves_nothing_and_is_named_with_its_own_words(
        bool persistent,
        string phase,
        int code
    )
    {
        var scenario = new Scenario(persistent);
        scenario.Fixture.Host.WriterFaults.Add(
            new FakeWriterFault(phase, code)
            {
                ApplicationCode = unchecked((int)0x80780049),
                Message = "Half of it went missing.",
            }
        );
        var run = scenario.Run();
        run.AssertNothingLeft(phase);
        var thrown = Assert.IsType<VssWriterException>(run.Thrown);
        run.AssertNames(phase, VssHResult.Of(code), phase);
        Assert.Contains("Half of it went missing", thrown.Failure.Cause, StringComparison.Ordinal);
        Assert.Contains("0x80780049", thrown.Failure.Cause, StringComparison.Ordinal);
        Assert.Contains("Hyper-V", thrown.Failure.Target, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_cannot_be_written_at_any_point_leaves_nothing()
    {
        foreach (var persistent in new[] { false, true })
        {
            var writes = new Scenario(persistent).Run().Fixture.Journal.Writes;
            for (var write = 1; write <= writes; write++)
            {
                var scenario = new Scenario(persistent);
                scenario.Fixture.Journal.FailingWrite = write;
                var run = scenario.Run();
                run.AssertNothingLeft("journal write " + write);
                Assert.NotNull(run.Thrown);
            }
        }
    }

    // A single failure is got over when it may be tried again, or when it only concerns taking down, where there is
    // always another way.
    private static bool IsTolerated(VssHResult code, string call, int time, Outcome run) =>
        TakingDown.Contains(call)
        || (SettingUp.Contains(call) && time > 1)
        || (code.Retry is VssRetry.NewInstance or VssRetry.SameRequest && run.WasTriedAgain);

    private static void AssertReported(Outcome run, string what)
    {
        Assert.NotEmpty(run.Fixture.Journal.Entries());
        Assert.True(
            run.Left.Count > 0 || run.Thrown?.Message.Contains("left behind", StringComparison.Ordinal) == true,
            what + ": leftovers were not reported"
        );
        Assert.DoesNotContain(
            run.Host.Leftovers(),
            left =>
                left.StartsWith("an instance", StringComparison.Ordinal)
                || left.StartsWith("a shadow set in progress", StringComparison.Ordinal)
        );
    }

    /// <summary>What a careful user of the provider does with a set, from its creation to its end.</summary>
    private sealed class Scenario
    {
        private readonly bool _persistent;

        public Scenario(bool persistent) => _persistent = persistent;

        public VssFixture Fixture { get; } = new();

        public CancellationToken Cancel { get; init; }

        public Outcome Run()
        {
            var outcome = new Outcome(Fixture);
            var request = Fixture.ForMachines(Fixture.Web, Fixture.Database) with
            {
                Persistent = _persistent,
                Options = new ShadowOptions { Retries = 2 },
            };
            VssShadowSession? session = null;
            try
            {
                try
                {
                    session = Fixture.Provider.Create(request, Cancel);
                }
                catch (Exception e) when (e is BackupException or OperationCanceledException)
                {
                    // Here and now, not only after what follows.
                    outcome.Thrown = e;
                    outcome.LeftByCreate = Fixture.Host.Leftovers();
                    return outcome;
                }

                outcome.WasCreated = true;
                session.Complete();
                if (!_persistent)
                    return outcome;
                outcome.Left.AddRange(session.Release());
                var exposed = Fixture.Provider.Expose(session.Set.Shadows[0], PathOf.Full("/mnt/shadow"));
                Fixture.Provider.Unexpose(exposed);
                foreach (var shadow in Fixture.Provider.Query())
                    Fixture.Provider.Delete(shadow);
                return outcome;
            }
            catch (BackupException e)
            {
                outcome.Thrown = e;
                return outcome;
            }
            finally
            {
                outcome.Left.AddRange(session?.Release() ?? Array.Empty<Failure>());

                // The next run, as soon as nobody holds the set.
                if (outcome.WasCreated)
                    foreach (var entry in Fixture.Journal.Entries())
                        outcome.Left.AddRange(Fixture.Provider.Clean(entry));
            }
        }
    }

    private sealed class Outcome
    {
        public Outcome(VssFixture fixture) => Fixture = fixture;

        public VssFixture Fixture { get; }

        public StrictVss Host => Fixture.Host;

        public Exception? Thrown { get; set; }

        public bool WasCreated { get; set; }

        public IReadOnlyList<string> LeftByCreate { get; set; } = Array.Empty<string>();

        public List<Failure> Left { get; } = new();

        public bool WasTriedAgain => Fixture.Clock.Waits.Count > 0;

        public void AssertNothingLeft(string what)
        {
            Assert.True(Host.Leftovers().Count == 0, what + " left: " + string.Join("; ", Host.Leftovers()));
            Assert.True(
                LeftByCreate.Count == 0 || Fixture.Journal.Entries().Count > 0,
                what + " left: " + string.Join("; ", LeftByCreate)
            );
            Assert.True(Fixture.Journal.Entries().Count == 0, what + " left an entry in the journal");
        }

        public void AssertNames(string call, VssHResult code, string what)
        {
            var failure = Assert.IsAssignableFrom<BackupException>(Thrown).Failure;
            Assert.True(
                failure.Message.Contains(call, StringComparison.Ordinal),
                what + ", but the failure does not name the call: " + failure.Message
            );
            Assert.True(
                failure.Message.Contains(code.Text, StringComparison.Ordinal),
                what + ", but the failure does not name the code: " + failure.Message
            );
            Assert.Equal(code.Code, failure.NativeCode);
            Assert.NotEmpty(failure.Advice);
        }
    }
}
