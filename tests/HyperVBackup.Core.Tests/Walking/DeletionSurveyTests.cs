using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Mirroring;
using HyperVBackup.Progress;
using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Walking;

public sealed class DeletionSurveyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_the_source_has_stays_and_all_else_is_counted()
    {
        _folder.Write("source/kept.txt", "a");
        _folder.Write("source/folder/kept.txt", "a");
        _folder.Write("copy/kept.txt", "an older version");
        _folder.Write("copy/folder/kept.txt", "a");
        _folder.Write("copy/folder/gone.txt", "12345");
        _folder.Write("copy/gone/deep/one.txt", "123");
        _folder.Write("copy/gone/two.txt", "12");
        Assert.Equal((3, 10), Count(GlobFilter.All, inSet: true));
    }

    [Fact]
    public void A_destination_that_is_not_there_loses_nothing()
    {
        _folder.Write("source/a", "a");
        Assert.Equal((0, 0), Count(GlobFilter.All, inSet: false));
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_goes_with_all_the_folder_holds()
    {
        _folder.Write("source/name", "now a file");
        _folder.Write("copy/name/one", "1");
        _folder.Write("copy/name/two", "22");
        Assert.Equal((2, 3), Count(GlobFilter.All, inSet: true));
    }

    [Fact]
    public void What_the_filter_leaves_out_goes_in_a_set_and_stays_elsewhere()
    {
        _folder.Write("source/a.xml", "a");
        _folder.Write("copy/b.xml", "22");
        _folder.Write("copy/notes.txt", "333");
        _folder.Write("copy/skipped/c.xml", "4444");
        var filter = new GlobFilter(new[] { "*.xml" }, new[] { "skipped" });
        Assert.Equal((1, 2), Count(filter, inSet: false));
        Assert.Equal((3, 9), Count(filter, inSet: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Our_own_leftovers_are_missed_by_nobody_but_what_a_cut_off_run_had_set_aside_is(bool inSet)
    {
        _folder.Folder("source");
        _folder.Write("copy/.hvbackup-tmp-0123456789abcdef", "half a file");
        _folder.Write("copy/.hvbackup-shadow-0123456789abcdef/clone", "a clone");
        _folder.Write("copy/.hvbackup-tmp-fedcba9876543210/was/here", "333");
        Assert.Equal((1, 3), Count(GlobFilter.All, inSet));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_counts_what_a_mirror_then_deletes(int seed)
    {
        var random = new Random(seed);
        foreach (var side in new[] { "source", "copy" })
        {
            _folder.Folder(side);
            for (var i = 0; i < 60; i++)
                WriteSomewhere(side, random);
        }

        var filter = new GlobFilter(seed % 2 == 0 ? new[] { "*1", "*2" } : null, new[] { "d3" });
        var before = Files(_folder["copy"]);
        var (files, _) = Count(filter, inSet: false);
        var log = new FailureLog();
        using (var engine = new MirrorEngine(FileSystems.Current, log, new MirrorProgress()))
        {
            engine.Run(
                new MirrorJob
                {
                    Source = _folder["source"],
                    SourceName = "source",
                    Filter = filter,
                    Targets = new[] { new MirrorTarget { Folder = _folder["copy"] } },
                },
                CancellationToken.None
            );
        }

        Assert.Equal(0, log.FailureCount);
        Assert.Equal(before.Except(Files(_folder["copy"])).Count(), files);
        Assert.NotEqual(0, files);
    }

    private (long Files, long Bytes) Count(GlobFilter filter, bool inSet)
    {
        var survey = DeletionSurvey.Count(
            FileSystems.Current,
            _folder["source"],
            _folder["copy"],
            filter,
            inSet,
            CancellationToken.None
        );
        return (survey.Files, survey.Bytes);
    }

    // Names of files and folders never meet, so that no file has to make way for a folder: a path is then either kept
    // or deleted.
    private void WriteSomewhere(string side, Random random)
    {
        var path = side;
        for (var depth = random.Next(3); depth > 0; depth--)
            path += "/d" + random.Next(4);
        _folder.Write(path + "/f" + random.Next(6), new byte[random.Next(10)]);
    }

    private static List<string> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToList();
}
