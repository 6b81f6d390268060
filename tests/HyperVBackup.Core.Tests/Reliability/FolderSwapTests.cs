using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Progress;
using HyperVBackup.Runs;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Reliability;

/// <summary>
/// Somebody who may write to a folder puts a link in its place, right before one operation after the other: nothing
/// that the link leads to is changed, nor read into a set.
/// On the real file system; the link leads to a copy of the folder as it was, so that whatever followed it would find
/// all that it looks for.
/// </summary>
public sealed class FolderSwapTests(ITestOutputHelper output) : IDisposable
{
    // The quick run takes some of the operations, other ones for each of the folders above; the long one takes all.
    private static readonly int Step = Environment.GetEnvironmentVariable("HVBACKUP_LONG_TESTS") == "1" ? 1 : 13;
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();

    private string Work => _folder["work"];

    private string Outside => _folder["outside"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("backup", 0)]
    [InlineData("backup", 1)]
    [InlineData("backup", 2)]
    [InlineData("keep", 1)]
    [InlineData("restore", 0)]
    [InlineData("restore", 1)]
    [InlineData("restore", 2)]
    [InlineData("verify", 1)]
    [InlineData("mirror", 0)]
    [InlineData("mirror", 1)]
    [InlineData("remove", 0)]
    [InlineData("remove", 1)]
    public void A_folder_that_is_swapped_for_a_link_before_any_operation_leads_nowhere(string what, int above)
    {
        Platform.NeedsPosix();
        Prepare(what);
        var operations = Operations(what);
        var swaps = 0;
        // A short use is looked at more closely, so that some of its operations are in the folders in question.
        var step = Math.Max(1, Math.Min(Step, operations.Count / 12));
        for (var i = above % step; i < operations.Count; i += step)
        {
            Renew();
            if (Swapped(operations[i], above) is not { } folder || !Directory.Exists(folder))
                continue;
            var before = Describe(Outside);
            var at = i;
            var count = 0;
            var files = new FaultyFiles(FileSystems.Current);
            files.Fail = (_, _) =>
            {
                if (count++ == at)
                    Swap(folder);
                return null;
            };
            Try(() => Act(what, files));
            swaps++;
            Assert.Equal((i, operations[i], before), (i, operations[i], Describe(Outside)));
            Assert.DoesNotContain("secret", Names(Work), StringComparison.Ordinal);
        }

        output.WriteLine(
            $"{swaps} of {operations.Count} operations with a swap before them; nothing outside was changed."
        );
        Assert.InRange(swaps, 1, int.MaxValue);
    }

    private void Prepare(string what)
    {
        Directory.CreateDirectory(Work);
        _folder.Write("work/source/a/one.txt", "one");
        // Not zeroes: a virtual disk that is all zeroes is told of.
        _folder.Write("work/source/b/two.vhdx", [.. Enumerable.Repeat((byte)7, 300_000)]);
        _folder.Write("work/source/b/c/three.txt", "three");
        File.CreateSymbolicLink(_folder["work/source/a/link"], "one.txt");
        foreach (var name in new[] { "target", "restored", "mirror" })
            _folder.Folder("work/" + name);
        foreach (var _ in new[] { 1, 2 })
            Assert.InRange(Backup(FileSystems.Current, what).ExitCode, 0, 0);
        _folder.Write("work/source/a/one.txt", "changed");
        _folder.Write("work/source/b/c/four.txt", "four");
        File.Delete(_folder["work/source/b/c/three.txt"]);
        if (what == "restore")
            Restore(FileSystems.Current);
        if (what == "mirror")
            Mirror(FileSystems.Current);
        _folder.Write("work/source/a/one.txt", "once more");
        Run("cp", "-a", Work, _folder["base"]);
    }

    // The copy outside differs by a secret in each folder of the source.
    private void Renew()
    {
        foreach (var folder in new[] { Work, Outside })
        {
            Run("rm", "-rf", folder);
            Run("cp", "-a", _folder["base"], folder);
        }

        foreach (var folder in new[] { "", "/a", "/b", "/b/c" })
            _folder.Write("outside/source" + folder + "/secret", "not for others");
    }

    private List<string> Operations(string what)
    {
        Renew();
        var paths = new List<string>();
        var files = new FaultyFiles(FileSystems.Current);
        files.Fail = (_, path) =>
        {
            paths.Add(path);
            return null;
        };
        Act(what, files);
        return paths;
    }

    // The folder so many levels above what an operation works on, as long as it lies inside of what was named.
    private string? Swapped(string path, int above)
    {
        for (; above > 0; above--)
            path = PathOf.Parent(path) ?? "";
        return PathOf.TryRelative(Work, path, out var relative) && relative.Contains('/') ? path : null;
    }

    private void Swap(string folder)
    {
        if (!Directory.Exists(folder) || File.GetAttributes(folder).HasFlag(FileAttributes.ReparsePoint))
            return;
        Assert.True(PathOf.TryRelative(Work, folder, out var relative));
        var led = PathOf.Join(Outside, relative);
        Directory.Move(folder, folder + ".real");
        File.CreateSymbolicLink(folder, Directory.Exists(led) ? led : Outside);
    }

    private void Act(string what, IFileSystem files)
    {
        _clock.UtcNow += TimeSpan.FromHours(1);
        if (what is "backup" or "keep")
            Backup(files, what);
        else if (what == "restore")
            Restore(files);
        else if (what == "verify")
            SetVerifier.Verify(files, Newest(files), false, new MirrorProgress(), CancellationToken.None);
        else if (what == "mirror")
            Mirror(files);
        else
            SetRemover.Remove(files, [Newest(files)]);
    }

    private SetInfo Newest(IFileSystem files) => SetCatalogue.Choose(files, PathOf.Join(Work, "target"), null);

    private RunResult Backup(IFileSystem files, string what)
    {
        _clock.UtcNow += TimeSpan.FromHours(1);
        var plan = new BackupPlan
        {
            Name = "nightly",
            Shadow = new ShadowOptions { Provider = "copy" },
            Verify = true,
            Keep = what == "keep" ? new KeepRule { Last = 2 } : null,
            Jobs =
            [
                new BackupJob
                {
                    Source = PathOf.Join(Work, "source"),
                    Folder = "files",
                    Targets = [PathOf.Join(Work, "target")],
                },
            ],
        };
        return BackupRun.Execute(plan, Context(files), CancellationToken.None);
    }

    private void Restore(IFileSystem files)
    {
        var request = new RestoreRequest
        {
            Set = Newest(files),
            Destination = PathOf.Join(Work, "restored"),
            Force = true,
        };
        SetRestorer.Restore(files, request, new MirrorProgress(), CancellationToken.None, 1);
    }

    private void Mirror(IFileSystem files) =>
        MirrorRun.Execute(
            PathOf.Join(Work, "source"),
            PathOf.Join(Work, "mirror"),
            GlobFilter.All,
            0,
            Context(files),
            CancellationToken.None
        );

    private RunContext Context(IFileSystem files)
    {
        var state = new StateFolder(PathOf.Join(Work, "own/state"));
        var journal = new ShadowJournal(files, state);
        return new RunContext
        {
            Files = files,
            Clock = _clock,
            State = state,
            Journal = journal,
            Providers = ShadowProviders.OfThisHost(files, journal, _clock),
            Host = "HV1",
            Zone = TimeZoneInfo.Utc,
            Workers = 1,
        };
    }

    private static void Try(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is BackupException or PlanException)
        {
            // Refused in words: as good an end as any. What counts is what was changed.
        }
    }

    // All that a look can tell of a tree, with the times of change that nobody can set.
    private static string Describe(string root) =>
        string.Join(
            "\n",
            Trees
                .Walk(FileSystems.Current, root, StringComparer.Ordinal)
                .Select(found => found.Relative + " " + found.Entry)
        );

    private static string Names(string root) =>
        string.Join(
            "\n",
            Trees.Walk(FileSystems.Current, root, StringComparer.Ordinal).Select(found => found.Relative)
        );

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
