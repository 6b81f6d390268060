using HyperVBackup.Failures;
using HyperVBackup.Files.Posix;
using HyperVBackup.Files.Windows;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class PosixErrorsTests
{
    [Theory]
    [InlineData(1, FailureKind.AccessDenied)] // EPERM
    [InlineData(4, FailureKind.NoAnswer)] // EINTR
    [InlineData(5, FailureKind.IoError)] // EIO
    [InlineData(11, FailureKind.OutOfResources)] // EAGAIN
    [InlineData(12, FailureKind.OutOfResources)] // ENOMEM
    [InlineData(13, FailureKind.AccessDenied)] // EACCES
    [InlineData(16, FailureKind.FileLocked)] // EBUSY
    [InlineData(19, FailureKind.VolumeGone)] // ENODEV
    [InlineData(23, FailureKind.OutOfResources)] // ENFILE
    [InlineData(24, FailureKind.OutOfResources)] // EMFILE
    [InlineData(38, FailureKind.NotSupported)] // ENOSYS
    [InlineData(61, FailureKind.IoError)] // ENODATA: an unreadable sector
    [InlineData(74, FailureKind.IoError)] // EBADMSG
    [InlineData(104, FailureKind.NoAnswer)] // ECONNRESET
    [InlineData(107, FailureKind.VolumeGone)] // ENOTCONN
    [InlineData(110, FailureKind.NoAnswer)] // ETIMEDOUT
    [InlineData(116, FailureKind.VolumeGone)] // ESTALE
    [InlineData(117, FailureKind.IoError)] // EUCLEAN
    [InlineData(126, FailureKind.AccessDenied)] // ENOKEY
    [InlineData(9_999, FailureKind.NoAnswer)]
    public void An_errno_is_one_kind_of_failure(int errno, FailureKind kind) =>
        Assert.Equal(kind, PosixErrors.Describe(errno).Kind);

    [Fact]
    public void Limits_of_this_process_and_slow_servers_say_nothing_of_a_set()
    {
        int[] ours = [1, 4, 11, 12, 13, 16, 23, 24, 26, 104, 105, 107, 110, 111, 112, 113, 116, 126, 9_999];
        Assert.DoesNotContain(ours, errno => Blame.IsOnTheSet(PosixErrors.Describe(errno).Kind));
        int[] windows = [4, 5, 8, 14, 21, 32, 33, 53, 59, 64, 121, 170, 1225, 1326, 1450, 1455, 1460, 1816, 99_999];
        Assert.DoesNotContain(windows, error => Blame.IsOnTheSet(WindowsErrors.KindOf(error)));
    }

    [Fact]
    public void What_the_medium_says_is_damage()
    {
        int[] media = [5, 61, 74, 117];
        Assert.All(media, errno => Assert.True(Blame.IsOnTheSet(PosixErrors.Describe(errno).Kind)));
        int[] windows = [23, 27, 30, 1117, 1392];
        Assert.All(windows, error => Assert.True(Blame.IsOnTheSet(WindowsErrors.KindOf(error))));
    }
}
