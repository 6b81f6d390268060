using System;
using System.IO;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>What .NET's own classes throw is called what it is: a full disk is no defect of ours.</summary>
public sealed class SystemErrorsTests
{
    [Theory]
    [InlineData(28, 112, FailureKind.DiskFull)]
    [InlineData(122, 1295, FailureKind.DiskFull)]
    [InlineData(30, 19, FailureKind.ReadOnlyVolume)]
    [InlineData(5, 1117, FailureKind.IoError)]
    [InlineData(27, 223, FailureKind.NotSupported)]
    public void An_error_of_the_system_is_known_by_its_number(int errno, int win32, FailureKind kind)
    {
        var number = PathOf.IsWindows ? unchecked((int)0x80070000) | win32 : errno;
        var failure = SystemErrors.Of(new IOException("words", number), "x", "write it");
        Assert.Equal((kind, "x", "write it"), (failure.Kind, failure.Target, failure.Operation));
        Assert.Equal(PathOf.IsWindows ? win32 : errno, failure.NativeCode);
    }

    [Fact]
    public void A_file_that_became_too_large_is_that()
    {
        Platform.NeedsPosix();
        var failure = SystemErrors.Of(
            new ArgumentOutOfRangeException("value", "Specified file length was too large for the file system."),
            "x",
            "write it"
        );
        Assert.Contains("too large", failure.Cause, StringComparison.Ordinal);
        Assert.Equal(FailureKind.NotSupported, failure.Kind);
    }

    [Fact]
    public void Exceptions_with_a_meaning_of_their_own_have_it()
    {
        Assert.Equal(FailureKind.FileMissing, SystemErrors.Of(new FileNotFoundException(), "x", "read it").Kind);
        Assert.Equal(FailureKind.FileMissing, SystemErrors.Of(new DirectoryNotFoundException(), "x", "read it").Kind);
        Assert.Equal(FailureKind.AccessDenied, SystemErrors.Of(new UnauthorizedAccessException(), "x", "read it").Kind);
        Assert.Equal(FailureKind.Cancelled, SystemErrors.Of(new OperationCanceledException(), "x", "read it").Kind);
    }

    [Fact]
    public void What_is_a_defect_stays_one()
    {
        Assert.Equal(FailureKind.Unexpected, SystemErrors.Of(new InvalidOperationException("oh"), "x", "do it").Kind);
        Assert.Equal(
            FailureKind.Unexpected,
            SystemErrors.Of(new ArgumentOutOfRangeException("value", "oh"), "x", "do it").Kind
        );
    }
}
