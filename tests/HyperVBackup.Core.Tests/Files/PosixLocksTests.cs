using System.IO;
using HyperVBackup.Files;
using HyperVBackup.Files.Posix;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>Who holds a lock, told from outside of the file.</summary>
public sealed class PosixLocksTests
{
    [Fact]
    public void The_holder_of_a_lock_is_found_while_it_holds_it()
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(File.Exists("/proc/locks"), "needs /proc/locks");
        using var folder = new TempFolder();
        var path = folder.Write("a.lock", "");
        var entry = FileSystems.Current.Find(path)!;
        Assert.Null(PosixLocks.HolderOf(entry));
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.Equal(System.Environment.ProcessId, PosixLocks.HolderOf(entry));
        Assert.Null(PosixLocks.HolderOf(entry));
    }

    [Theory]
    [InlineData("1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF", 4711)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 4711 fe:00:12345 0 EOF", null)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF", null)]
    [InlineData("1: -> FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF", null)]
    [InlineData("1: FLOCK", null)]
    [InlineData("", null)]
    public void A_line_is_that_of_a_file_by_its_device_and_number(string line, int? holder) =>
        Assert.Equal(
            holder,
            PosixLocks.HolderOf(
                new FileEntry
                {
                    Name = "a.lock",
                    Kind = EntryKind.File,
                    Volume = 0xFEUL << 32,
                    FileId = 1234,
                },
                [line]
            )
        );
}
