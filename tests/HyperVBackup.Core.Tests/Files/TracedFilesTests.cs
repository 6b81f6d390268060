using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Vss.Fakes;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>Calls, told as they are made.</summary>
public sealed class TracedFilesTests
{
    [Fact]
    public void Calls_to_the_file_system_are_told_and_those_that_fail_with_why()
    {
        using var folder = new TempFolder();
        var told = new List<string>();
        IFileSystem files = new TracedFiles(FileSystems.Current, told.Add);
        files.CreateFolder(folder["a"], true);
        files.Create(folder["a/b"], false).Dispose();
        files.Rename(folder["a/b"], folder["c"]);
        Assert.NotNull(files.Find(folder["c"]));
        Assert.Equal(
            FailureKind.FileMissing,
            Assert.Throws<BackupException>(() => files.DeleteFile(folder["no"])).Failure.Kind
        );
        Assert.Equal(
            [
                "CreateFolder " + folder["a"] + ", private",
                "Create " + folder["a/b"],
                "Rename " + folder["a/b"] + " to " + folder["c"],
                "DeleteFile " + folder["no"],
            ],
            told.Take(4)
        );
        Assert.StartsWith(
            "DeleteFile " + folder["no"] + " failed: ",
            Assert.Single(told.Skip(4)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Native_calls_are_told_in_their_order_and_those_that_fail_with_why()
    {
        var told = new List<string>();
        var vss = new VssFixture();
        vss.Services = vss.Services with { NewThread = () => new VssThread(told.Add) };
        using (vss.Create(vss.ForFolders("/hv/D")))
            Assert.Contains(
                told,
                call =>
                    call.StartsWith("AddToSnapshotSet (", StringComparison.Ordinal)
                    && call.Contains("/hv/D", StringComparison.Ordinal)
            );
        var order = new[]
        {
            "InitializeForBackup",
            "GatherWriterMetadata",
            "StartSnapshotSet",
            "AddToSnapshotSet",
            "PrepareForBackup",
            "DoSnapshotSet",
        };
        Assert.Equal(order, told.Select(call => call.Split(' ')[0]).Where(order.Contains).Distinct());
        told.Clear();
        vss.Host.Faults.Add(new FakeFault("StartSnapshotSet", unchecked((int)0x80042308)));
        Assert.ThrowsAny<BackupException>(() => vss.Create(vss.ForFolders("/hv/D")));
        Assert.Contains(
            told,
            call =>
                call.StartsWith("StartSnapshotSet (", StringComparison.Ordinal)
                && call.Contains(" failed: ", StringComparison.Ordinal)
                && call.Contains("80042308", StringComparison.Ordinal)
        );
    }
}
