using System;
using System.IO;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using HyperVBackup.Tests.Shadows;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// The times of a clone are never younger than its content; and of the live file it is told whether somebody touched
/// it.
/// </summary>
public sealed class CloneTimesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_clone_has_the_time_from_before_it_was_made()
    {
        var file = Path.Combine(_folder.Folder("source"), "data.db");
        File.WriteAllText(file, "before");
        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var written = FileSystems.Current.Find(file)!.Modified;
        var files = new FaultyFiles(FileSystems.Current)
        {
            Clone = (from, to) =>
            {
                File.Copy(from, to);
                File.WriteAllText(from, "after!");
                return true;
            },
        };
        using var session = new ReflinkProvider(files, new MemoryJournal(), new FakeClock()).Create(
            ShadowHost.Request(_folder["source"]),
            CancellationToken.None
        );
        var clone = FileSystems.Current.Find(Path.Combine(session.Set.Shadows[0].Root, "data.db"))!;
        Assert.Equal("before", File.ReadAllText(Path.Combine(session.Set.Shadows[0].Root, "data.db")));
        Assert.Equal(written, clone.Modified);
        var live = FileSystems.Current.Find(file)!;
        var known = ((ICloneSession)session).LiveOf!(clone)!;
        Assert.Equal(live.FileId, known.FileId);
        Assert.NotEqual(live.Changed, known.Changed);
    }

    [Theory]
    [InlineData("xfs", "reflink")]
    [InlineData("btrfs", "btrfs")]
    public void A_file_whose_time_was_put_back_is_copied_from_a_shadow_copy(string fileSystem, string provider)
    {
        using var volume = LoopVolume.Mount(fileSystem, 512);
        using var host = new ShadowHost();
        var changed = volume["vms/changed.txt"];
        Tree.Write(changed, Tree.Noise(1, 1000));
        Tree.Write(volume["vms/alone.txt"], Tree.Noise(2, 1000));
        for (var run = 0; run < 2; run++)
            Assert.Equal(RunOutcome.Complete, host.Backup(provider, volume["vms"]).Outcome);
        MiniatureHost.ChangeQuietly(changed, 500, 7);
        var result = host.Backup(provider, volume["vms"]);
        Assert.Equal(
            (RunOutcome.Complete, 1, 1),
            (result.Outcome, (int)result.Jobs[0].FilesCopied, (int)result.Jobs[0].FilesUnchanged)
        );
        Assert.Equal(File.ReadAllBytes(changed), File.ReadAllBytes(Path.Combine(result.Jobs[0].Folder, "changed.txt")));
    }
}
