using System;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

public class ComSecurityTests
{
    private const int TooLate = unchecked((int)0x80010119);

    [Fact]
    public void Nothing_is_said_when_everything_was_set() => Assert.Null(ComSecurity.Judge(0, 0));

    [Fact]
    public void Security_that_somebody_else_has_set_is_no_failure_and_is_told_with_what_it_may_mean()
    {
        var note = ComSecurity.Judge(TooLate, 0);
        Assert.Contains("RPC_E_TOO_LATE", note, StringComparison.Ordinal);
        Assert.Contains("8194", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Security_that_cannot_be_set_is_a_failure_of_that_call()
    {
        var thrown = Assert.Throws<VssCallException>(() => ComSecurity.Judge(VssHResult.AccessDenied, 0));
        Assert.Equal(("CoInitializeSecurity", VssHResult.AccessDenied), (thrown.Call, thrown.HResult));
    }

    [Fact]
    public void Faults_that_COM_goes_on_to_swallow_are_told_and_no_failure() =>
        Assert.Contains("0x80040154", ComSecurity.Judge(0, unchecked((int)0x80040154)), StringComparison.Ordinal);
}
