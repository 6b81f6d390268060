using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

public class BackupComponentsFactoryTests
{
    private readonly List<string> _done = new();
    private readonly StrictVss _vss = new();

    public BackupComponentsFactoryTests() => BackupComponentsFactory.ForgetComSecurity();

    [Fact]
    public void COM_is_secured_once_in_a_process_and_before_the_first_instance()
    {
        var factory = Factory(new FakeHostFacts());
        factory.Create(null);
        factory.Create(null);
        Factory(new FakeHostFacts()).Create(null);
        Assert.Equal(new[] { "secure", "create", "create", "create" }, _done);
    }

    [Fact]
    public void What_COM_has_to_say_is_traced_once()
    {
        var factory = Factory(new FakeHostFacts(), () => "too late");
        factory.Create(null);
        factory.Create(null);
        Assert.Equal(new[] { "trace too late", "create", "create" }, _done);
    }

    [Fact]
    public void COM_security_that_fails_is_tried_again_with_the_next_instance()
    {
        var times = 0;
        var factory = Factory(
            new FakeHostFacts(),
            () => times++ == 0 ? throw new VssCallException("CoInitializeSecurity", VssHResult.AccessDenied) : null
        );
        Assert.Equal("CoInitializeSecurity", Assert.Throws<VssCallException>(() => factory.Create(null)).Call);
        factory.Create(null);
        factory.Create(null);
        Assert.Equal(2, times);
    }

    [Fact]
    public void On_a_host_that_will_not_do_nothing_is_called()
    {
        foreach (
            var facts in new[]
            {
                new FakeHostFacts { IsWindows = false },
                new FakeHostFacts { IsArm64 = true },
                new FakeHostFacts { Is64BitProcess = false },
                new FakeHostFacts { IsElevated = false },
                new FakeHostFacts { ServiceStart = 4 },
            }
        )
        {
            var factory = Factory(facts);
            Assert.Equal(
                factory.WhyNot()!.Kind,
                Assert.Throws<BackupException>(() => factory.Create(null)).Failure.Kind
            );
        }

        Assert.Empty(_done);
    }

    [Fact]
    public void The_limit_of_an_instance_is_handed_on()
    {
        var limit = new Limit();
        Factory(new FakeHostFacts()).Create(limit);
        Assert.Same(limit, _vss.Limit);
    }

    [Fact]
    public void A_Windows_without_the_library_is_named_as_such()
    {
        foreach (
            var missing in new Exception[]
            {
                new DllNotFoundException("Unable to load DLL 'vssapi.dll'."),
                new EntryPointNotFoundException("no entry point"),
            }
        )
        {
            var factory = new BackupComponentsFactory(new FakeHostFacts(), _ => throw missing, () => null, null);
            var failure = Assert.Throws<BackupException>(() => factory.Create(null)).Failure;
            Assert.Equal((FailureKind.ProviderUnavailable, "vssapi.dll"), (failure.Kind, failure.Target));
            Assert.Contains("Nano Server", failure.Advice, StringComparison.Ordinal);
        }
    }

    private BackupComponentsFactory Factory(FakeHostFacts facts, Func<string?>? secure = null) =>
        new(
            facts,
            limit =>
            {
                _done.Add("create");
                return _vss.Create(limit);
            },
            secure
                ?? (
                    () =>
                    {
                        _done.Add("secure");
                        return null;
                    }
                ),
            note => _done.Add("trace " + note)
        );

    private sealed class Limit : IAsyncLimit
    {
        public bool IsOver => false;
    }
}
