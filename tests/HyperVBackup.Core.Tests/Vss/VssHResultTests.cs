using System;
using System.Linq;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using Xunit;

namespace HyperVBackup.Tests.Vss;

public class VssHResultTests
{
    // vsserror.h of the Windows SDK, and the table of what to do.
    [Theory]
    [InlineData(
        0x80042316,
        "VSS_E_SNAPSHOT_SET_IN_PROGRESS",
        nameof(VssRetry.SameRequest),
        FailureKind.ShadowSetInProgress
    )]
    [InlineData(0x80042313, "VSS_E_FLUSH_WRITES_TIMEOUT", nameof(VssRetry.NewInstance), FailureKind.ShadowFailed)]
    [InlineData(0x80042314, "VSS_E_HOLD_WRITES_TIMEOUT", nameof(VssRetry.NewInstance), FailureKind.ShadowFailed)]
    [InlineData(0x80042306, "VSS_E_PROVIDER_VETO", nameof(VssRetry.NewInstance), FailureKind.ShadowFailed)]
    [InlineData(0x800423F2, "VSS_E_WRITERERROR_TIMEOUT", nameof(VssRetry.NewInstance), FailureKind.WriterFailed)]
    [InlineData(0x800423F3, "VSS_E_WRITERERROR_RETRYABLE", nameof(VssRetry.NewInstance), FailureKind.WriterFailed)]
    [InlineData(0x800423F1, "VSS_E_WRITERERROR_OUTOFRESOURCES", nameof(VssRetry.NewInstance), FailureKind.WriterFailed)]
    [InlineData(0x800423F4, "VSS_E_WRITERERROR_NONRETRYABLE", nameof(VssRetry.No), FailureKind.WriterFailed)]
    [InlineData(0x80042301, "VSS_E_BAD_STATE", nameof(VssRetry.No), FailureKind.ShadowFailed)]
    [InlineData(0x8004232C, "VSS_E_NESTED_VOLUME_LIMIT", nameof(VssRetry.No), FailureKind.ShadowFailed)]
    [InlineData(0x8004230C, "VSS_E_VOLUME_NOT_SUPPORTED", nameof(VssRetry.No), FailureKind.ShadowFailed)]
    [InlineData(0x8004231F, "VSS_E_INSUFFICIENT_STORAGE", nameof(VssRetry.FreeStorage), FailureKind.ShadowStorageFull)]
    [InlineData(
        0x80042317,
        "VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED",
        nameof(VssRetry.FreeStorage),
        FailureKind.ShadowStorageFull
    )]
    [InlineData(
        0x800423F0,
        "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT",
        nameof(VssRetry.CompleteRequest),
        FailureKind.WriterFailed
    )]
    [InlineData(0x80070005, "E_ACCESSDENIED", nameof(VssRetry.No), FailureKind.NotElevated)]
    [InlineData(0x80042308, "VSS_E_OBJECT_NOT_FOUND", nameof(VssRetry.No), FailureKind.ShadowMissing)]
    public void A_code_has_a_name_a_class_and_a_kind(uint code, string name, string retry, FailureKind kind)
    {
        var row = VssHResult.Of(unchecked((int)code));
        Assert.Equal((name, retry, kind), (row.Name, row.Retry.ToString(), row.Kind));
    }

    [Fact]
    public void No_code_and_no_name_is_there_twice()
    {
        Assert.Equal(VssHResult.All.Count, VssHResult.All.Select(row => row.Code).Distinct().Count());
        Assert.Equal(VssHResult.All.Count, VssHResult.All.Select(row => row.Name).Distinct().Count());
    }

    [Fact]
    public void An_unknown_code_is_shown_by_its_number_and_not_tried_again()
    {
        var row = VssHResult.Of(unchecked((int)0x80041234));
        Assert.Contains("0x80041234", row.Text, StringComparison.Ordinal);
        Assert.Equal(VssRetry.No, row.Retry);
    }

    [Fact]
    public void A_bare_COMException_is_known_by_its_code()
    {
        var failure = VssCallException.From(
            "DoSnapshotSet",
            new COMException("whatever", unchecked((int)0x80042314)),
            "D:\\"
        );
        Assert.Equal(
            "D:\\: cannot DoSnapshotSet: VSS_E_HOLD_WRITES_TIMEOUT (0x80042314): writes could not be held back long "
                + "enough (about 10 seconds); whatever",
            failure.Failure.Message
        );
        Assert.Equal(VssRetry.NewInstance, failure.Code.Retry);
    }

    [Fact]
    public void Exceptions_of_the_runtime_are_known_by_their_codes_too()
    {
        Assert.Equal(
            FailureKind.NotElevated,
            VssCallException.From("Create", new UnauthorizedAccessException(), "VSS").Failure.Kind
        );
        Assert.Equal("E_INVALIDARG", VssCallException.From("Create", new ArgumentException("x"), "VSS").Code.Name);
        Assert.Equal("E_OUTOFMEMORY", VssCallException.From("Create", new OutOfMemoryException(), "VSS").Code.Name);
    }

    [Fact]
    public void A_cancellation_by_VSS_is_no_cancellation_of_ours() =>
        Assert.Equal(
            "VSS_S_ASYNC_CANCELLED",
            VssCallException.From("DoSnapshotSet", new OperationCanceledException(), "VSS").Code.Name
        );
}
