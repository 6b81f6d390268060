using System;
using System.IO;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Mirroring;

/// <summary>
/// Targets that take several names for one. On Windows these would be tests of its own folding beneath, so they run
/// elsewhere.
/// </summary>
public sealed class FoldedNamesTests
{
    private const int Small = 1000;
    private const int Large = 5_000_000;

    [Theory]
    [InlineData(Small, false, true)]
    [InlineData(Small, true, true)]
    [InlineData(Large, false, true)]
    [InlineData(Large, true, true)]
    [InlineData(Small, false, false)]
    [InlineData(Large, true, false)]
    public void A_file_whose_name_changed_in_case_only_is_there_by_its_new_name(int size, bool numbersPaths, bool inSet)
    {
        using var bench = Bench(FoldingFiles.Case, numbersPaths);
        Put(bench, "Web01.bin", size, 1);
        Put(bench, "z", 10, 2);
        Copy(bench, inSet);
        File.Move(Path.Combine(bench.Source, "Web01.bin"), Path.Combine(bench.Source, "web01.bin"));
        for (var run = 0; run < 2; run++)
        {
            Copy(bench, inSet);
            Assert.Empty(bench.Log.Failures);
            Tree.AssertEqual(bench.Source, bench.Target());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_whose_name_changed_in_case_only_keeps_what_it_holds(bool inSet)
    {
        using var bench = Bench(FoldingFiles.Case);
        Put(bench, "Folder/Inner/file", Small, 1);
        Put(bench, "a", 10, 2);
        Copy(bench, inSet);
        Directory.Move(Path.Combine(bench.Source, "Folder"), Path.Combine(bench.Source, "folder"));
        Copy(bench, inSet);
        Assert.Empty(bench.Log.Failures);
        Tree.AssertEqual(bench.Source, bench.Target());
    }

    [Theory]
    [InlineData("Disk.bin", "disk.bin", Small, true)]
    [InlineData("Disk.bin", "disk.bin", Small, false)]
    [InlineData("Disk.bin", "disk.bin", Large, true)]
    [InlineData("Disk.bin", "disk.bin", Large, false)]
    [InlineData("caf\u00E9", "cafe\u0301", Large, true)]
    [InlineData("caf\u00E9", "cafe\u0301", Small, false)]
    [InlineData("name", "name.", Small, true)]
    [InlineData("name", "name.", Large, false)]
    public void Of_two_files_that_are_one_name_neither_takes_the_others_place(
        string one,
        string other,
        int size,
        bool inSet
    )
    {
        using var bench = Bench(name => FoldingFiles.Case(FoldingFiles.Form(FoldingFiles.Dots(name))));
        Put(bench, one, size, 1);
        Put(bench, other, size, 2);
        for (var run = 0; run < 3; run++)
        {
            Copy(bench, inSet);
            var failure = Assert.Single(bench.Log.Failures);
            Assert.Contains("'" + one + "'", failure.Cause, StringComparison.Ordinal);
            Assert.Contains("'" + other + "'", failure.Cause, StringComparison.Ordinal);
            var there = Assert.Single(Directory.GetFiles(bench.Target()));
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(bench.Source, Path.GetFileName(there))),
                File.ReadAllBytes(there)
            );
        }
    }

    [Fact]
    public void Of_two_folders_that_are_one_name_neither_is_filled_with_the_others_files()
    {
        using var bench = Bench(FoldingFiles.Case);
        Put(bench, "Dir/f", Small, 1);
        Put(bench, "dir/f", Small, 2);
        Copy(bench, true);
        var cause = Assert.Single(bench.Log.Failures).Cause;
        Assert.Contains("'Dir'", cause, StringComparison.Ordinal);
        Assert.Contains("'dir'", cause, StringComparison.Ordinal);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(bench.Source, "Dir", "f")),
            File.ReadAllBytes(Path.Combine(bench.Target(), "Dir", "f"))
        );
    }

    [Fact]
    public void One_of_two_that_are_one_name_may_be_excluded()
    {
        using var bench = Bench(FoldingFiles.Form);
        Put(bench, "caf\u00E9", Small, 1);
        Put(bench, "cafe\u0301", Small, 2);
        bench.Backup(new GlobFilter([], ["caf\u00E9"]));
        Assert.Empty(bench.Log.Failures);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(bench.Source, "cafe\u0301")),
            File.ReadAllBytes(Path.Combine(bench.Target(), "cafe\u0301"))
        );
    }

    [Fact]
    public void A_mirror_does_not_write_over_what_its_filter_leaves_alone()
    {
        using var bench = Bench(FoldingFiles.Form);
        Tree.Write(Path.Combine(bench.Target(), "caf\u00E9"), "mine");
        Put(bench, "cafe\u0301", Small, 1);
        bench.Mirror(new GlobFilter([], ["caf\u00E9"]));
        Assert.Single(bench.Log.Failures);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(bench.Target(), "caf\u00E9")));
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public void A_name_that_the_target_keeps_in_another_form_is_copied_once_and_stays(int size)
    {
        using var bench = Bench(FoldingFiles.Form, kept: FoldingFiles.Form);
        Put(bench, "caf\u00E9", size, 1);
        Put(bench, "z", 10, 2);
        for (var run = 0; run < 3; run++)
        {
            var tally = bench.Backup()[0].Tally;
            Assert.Empty(bench.Log.Failures);
            Assert.Equal(run == 0 ? 2 : 0, tally.FilesCopied);
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(bench.Source, "caf\u00E9")),
                File.ReadAllBytes(Path.Combine(bench.Target(), "cafe\u0301"))
            );
        }
    }

    [Fact]
    public void A_name_that_changed_in_its_form_of_Unicode_only_is_the_same_file()
    {
        using var bench = Bench(FoldingFiles.Form, true);
        Put(bench, "caf\u00E9", Large, 1);
        Put(bench, "a", 10, 2);
        Copy(bench, true);
        File.Move(Path.Combine(bench.Source, "caf\u00E9"), Path.Combine(bench.Source, "cafe\u0301"));
        Copy(bench, true);
        Assert.Empty(bench.Log.Failures);
        Tree.AssertEqual(bench.Source, bench.Target());
    }

    private static MirrorBench Bench(
        Func<string, string> key,
        bool numbersPaths = false,
        Func<string, string>? kept = null
    )
    {
        Platform.NeedsPosix();
        return new MirrorBench(
            1,
            new FoldingFiles(FileSystems.Current, path => path.Contains("/target0/", StringComparison.Ordinal), key)
            {
                NumbersPaths = numbersPaths,
                Kept = kept ?? (name => name),
            }
        );
    }

    private static void Copy(MirrorBench bench, bool inSet)
    {
        if (inSet)
            bench.Backup();
        else
            bench.Mirror();
    }

    private static void Put(MirrorBench bench, string name, int size, int seed)
    {
        var content = new byte[size];
        new Random(seed).NextBytes(content);
        var path = Path.Combine(bench.Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}
