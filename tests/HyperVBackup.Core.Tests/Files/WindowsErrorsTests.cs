using HyperVBackup.Failures;
using HyperVBackup.Files.Windows;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsErrorsTests
{
    [Theory]
    [InlineData(2, FailureKind.FileMissing)]
    [InlineData(3, FailureKind.FileMissing)]
    [InlineData(5, FailureKind.AccessDenied)]
    [InlineData(19, FailureKind.ReadOnlyVolume)]
    [InlineData(21, FailureKind.VolumeGone)]
    [InlineData(23, FailureKind.IoError)]
    [InlineData(32, FailureKind.FileLocked)]
    [InlineData(33, FailureKind.FileLocked)]
    [InlineData(39, FailureKind.DiskFull)]
    [InlineData(50, FailureKind.NotSupported)]
    [InlineData(53, FailureKind.VolumeGone)]
    [InlineData(55, FailureKind.VolumeGone)]
    [InlineData(59, FailureKind.VolumeGone)]
    [InlineData(64, FailureKind.VolumeGone)]
    [InlineData(80, FailureKind.DestinationExists)]
    [InlineData(112, FailureKind.DiskFull)]
    [InlineData(123, FailureKind.NotSupported)]
    [InlineData(145, FailureKind.FileLocked)]
    [InlineData(183, FailureKind.DestinationExists)]
    [InlineData(206, FailureKind.PathTooLong)]
    [InlineData(4, FailureKind.OutOfResources)]
    [InlineData(8, FailureKind.OutOfResources)]
    [InlineData(14, FailureKind.OutOfResources)]
    [InlineData(1450, FailureKind.OutOfResources)]
    [InlineData(1455, FailureKind.OutOfResources)]
    [InlineData(1816, FailureKind.OutOfResources)]
    [InlineData(995, FailureKind.NoAnswer)]
    [InlineData(1460, FailureKind.NoAnswer)]
    [InlineData(362, FailureKind.NoAnswer)]
    [InlineData(1117, FailureKind.IoError)]
    [InlineData(1167, FailureKind.VolumeGone)]
    [InlineData(1295, FailureKind.DiskFull)]
    [InlineData(1314, FailureKind.NotElevated)]
    [InlineData(1921, FailureKind.LinkRefused)]
    [InlineData(99_999, FailureKind.Unexpected)]
    public void A_Win32_error_is_one_kind_of_failure(int error, FailureKind kind) =>
        Assert.Equal(kind, WindowsErrors.KindOf(error));

    [Fact]
    public void A_failure_names_the_path_the_operation_and_the_number()
    {
        var failure = WindowsErrors.Of(32, @"C:\vm\disk.vhdx", "open for reading").Failure;
        Assert.Equal(@"C:\vm\disk.vhdx", failure.Target);
        Assert.Equal("open for reading", failure.Operation);
        Assert.Equal(32, failure.NativeCode);
        Assert.False(failure.Cause.EndsWith('.'));
    }
}
