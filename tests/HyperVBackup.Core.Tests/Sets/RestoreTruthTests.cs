using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Progress;
using HyperVBackup.Sets;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Mirroring;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Sets;

/// <summary>
/// What a restore brings back, what it says of a damaged set, and what it refuses before the first byte.
/// </summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Each test of permissions skips itself elsewhere.")]
public sealed class RestoreTruthTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly string _to;

    public RestoreTruthTests()
    {
        _to = Path.Combine(_host.Root, "restored");
        Directory.CreateDirectory(Path.Combine(_host.DataDisks, "sub", "empty"));
    }

    private string SetOnE => Path.Combine(_host.E, "Backup-SetA");

    private string DiskInSet => Path.Combine(SetOnE, "VHD", "web.vhdx");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("VHD")]
    [InlineData("vhd/")]
    [InlineData("VHD/*")]
    [InlineData("./VHD")]
    [InlineData(@"VHD\")]
    public void The_name_of_a_folder_restores_all_that_it_holds(string pattern)
    {
        _host.Backup();
        Assert.Equal(0, _host.Restore(_host.D, _to, paths: [pattern]).ExitCode);
        Assert.Equal(["VHD/sub/db.avhdx", "VHD/web-data.vhd"], Files());
        Assert.True(Directory.Exists(Path.Combine(_to, "VHD", "sub", "empty")));
    }

    [Theory]
    [InlineData("sub")]
    [InlineData("VHD/sub")]
    [InlineData(@"VHD\sub\")]
    [InlineData("s?b")]
    public void So_does_the_name_of_a_folder_below_it(string pattern)
    {
        _host.Backup();
        Assert.Equal(0, _host.Restore(_host.D, _to, paths: [pattern]).ExitCode);
        Assert.Equal(["VHD/sub/db.avhdx"], Files());
        Assert.True(Directory.Exists(Path.Combine(_to, "VHD", "sub", "empty")));
    }

    [Fact]
    public void When_nothing_matches_the_advice_names_what_the_set_holds()
    {
        _host.Backup();
        var failure = Assert.Throws<BackupException>(() => _host.Restore(_host.D, _to, paths: ["SystemVHD"])).Failure;
        Assert.Contains("CFG, VHD", failure.Advice, StringComparison.Ordinal);
        Assert.Contains("VHD/web-data.vhd", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_is_not_the_one_of_the_commit_is_damage()
    {
        _host.Backup();
        var state = Path.Combine(SetOnE, ".hvbackup", "set.json");
        var hash = _host.Sets(_host.E)["SetA"].Jobs.Single(job => job.Folder == "VHD").ManifestSha256;
        var forged = File.ReadAllText(state).Replace(hash, new string('0', 64), StringComparison.Ordinal);
        File.WriteAllBytes(state, SetStateSeal.Close(Newtonsoft.Json.Linq.JObject.Parse(forged)));
        var report = _host.Restore(_host.E, _to);
        Assert.Equal((5, FailureKind.StateDamaged), (report.ExitCode, Assert.Single(report.Failures).Kind));
        Assert.Equal(["CFG/vm1.xml"], Files());
        Assert.Equal(5, _host.Verify(_host.E).ExitCode);
    }

    [Fact]
    public void A_manifest_that_is_missing_is_damage_for_restore_and_verify_alike()
    {
        _host.Backup();
        File.Delete(Path.Combine(SetOnE, ".hvbackup", "VHD.manifest"));
        Assert.Equal((5, 5), (_host.Restore(_host.E, _to).ExitCode, _host.Verify(_host.E).ExitCode));
    }

    [Fact]
    public void What_the_medium_of_the_set_cannot_read_is_damage_and_what_may_not_be_read_is_none()
    {
        _host.Backup();
        FailWhen((operation, path) => operation == "Read" && path == DiskInSet ? FailureKind.IoError : null);
        Assert.Equal(5, _host.Restore(_host.E, _to).ExitCode);
        FailWhen((operation, path) => operation == "OpenRead" && path == DiskInSet ? FailureKind.AccessDenied : null);
        Assert.Equal(1, _host.Restore(_host.E, _to).ExitCode);
    }

    [Fact]
    public void A_set_whose_volume_vanishes_ends_a_restore_with_one_failure()
    {
        _host.Backup();
        var gone = false;
        FailWhen(
            (operation, path) =>
            {
                gone |= operation == "OpenRead" && path == DiskInSet;
                return gone && path.StartsWith(_host.E, StringComparison.Ordinal) ? FailureKind.IoError : null;
            }
        );
        var failure = Assert.Throws<BackupException>(() => _host.Restore(_host.E, _to)).Failure;
        Assert.Equal((FailureKind.VolumeGone, _host.E), (failure.Kind, failure.Target));
    }

    [Fact]
    public void What_is_left_of_a_damaged_file_can_be_had()
    {
        _host.Backup();
        MiniatureHost.ChangeQuietly(DiskInSet, 6_000_000, (byte)(File.ReadAllBytes(DiskInSet)[6_000_000] ^ 1));
        var report = Restore(_host.E, salvage: true);
        Assert.Equal((5, FailureKind.BlockDamaged), (report.ExitCode, Assert.Single(report.Failures).Kind));
        Assert.Contains("web.vhdx.salvaged", Assert.Single(report.Warnings), StringComparison.Ordinal);
        var expected = File.ReadAllBytes(Path.Combine(_host.SystemDisks, "web.vhdx"));
        Array.Clear(expected, 5_898_240, 131_072);
        Assert.Equal(expected, File.ReadAllBytes(Path.Combine(_to, "VHD", "web.vhdx.salvaged")));
        Assert.Contains(
            "5898240 to 6029311",
            File.ReadAllText(Path.Combine(_to, "VHD", "web.vhdx.salvaged.txt")),
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(Path.Combine(_to, "VHD", "web.vhdx")));
    }

    [Fact]
    public void Of_a_file_that_was_cut_short_the_beginning_can_be_had()
    {
        _host.Backup();
        using (var file = File.Open(DiskInSet, FileMode.Open))
            file.SetLength(5_000_000);
        Assert.Equal(5, Restore(_host.E, salvage: true).ExitCode);
        var salvaged = File.ReadAllBytes(Path.Combine(_to, "VHD", "web.vhdx.salvaged"));
        var whole = File.ReadAllBytes(Path.Combine(_host.SystemDisks, "web.vhdx"));
        Assert.Equal(9_000_000, salvaged.Length);
        Assert.Equal(whole[..4_980_736], salvaged[..4_980_736]);
        Assert.All(salvaged[4_980_736..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Nothing_is_salvaged_that_is_not_asked_for()
    {
        _host.Backup();
        MiniatureHost.ChangeQuietly(DiskInSet, 6_000_000, (byte)(File.ReadAllBytes(DiskInSet)[6_000_000] ^ 1));
        _host.Restore(_host.E, _to);
        Assert.Empty(Directory.GetFiles(_to, "*salvaged*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_destination_without_room_is_refused_before_the_first_byte()
    {
        _host.Backup();
        _host.Files = new FaultyFiles(_host.Files)
        {
            Volume = (path, volume) => volume with { FileSystem = "ext4", TotalBytes = 1 << 30, FreeBytes = 4096 },
        };
        var failure = Assert.Throws<BackupException>(() => _host.Restore(_host.E, _to)).Failure;
        Assert.Equal((FailureKind.DiskFull, _to), (failure.Kind, failure.Target));
        Assert.Empty(Files());
        Assert.Equal(0, _host.Restore(_host.E, _to, paths: ["*.xml"]).ExitCode);
    }

    [Fact]
    public void A_disk_that_is_full_all_the_same_names_the_file_that_was_wanted()
    {
        _host.Backup();
        FailWhen(
            (operation, path) =>
                operation == "Write" && path.StartsWith(_to, StringComparison.Ordinal) ? FailureKind.DiskFull : null
        );
        var failure = Assert.Throws<BackupException>(() => _host.Restore(_host.E, _to, paths: ["*.vhdx"])).Failure;
        Assert.Equal((FailureKind.DiskFull, Path.Combine(_to, "VHD", "web.vhdx")), (failure.Kind, failure.Target));
    }

    [Fact]
    public void Folders_are_their_owners_alone_until_all_in_them_is_restored()
    {
        Platform.NeedsPosix();
        const UnixFileMode open =
            UnixFileMode.UserRead
            | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute;
        File.SetUnixFileMode(Path.Combine(_host.DataDisks, "sub"), open);
        _host.Backup();
        var modes = new List<UnixFileMode>();
        FailWhen(
            (operation, path) =>
            {
                if (operation == "Rename" && path.StartsWith(_to, StringComparison.Ordinal))
                    modes.Add(File.GetUnixFileMode(Path.GetDirectoryName(path)!));
                return null;
            }
        );
        Assert.Equal(0, _host.Restore(_host.D, _to).ExitCode);
        Assert.Equal(3, modes.Count);
        Assert.All(
            modes,
            mode => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode)
        );
        Assert.Equal(open, File.GetUnixFileMode(Path.Combine(_to, "VHD", "sub")));
    }

    [Fact]
    public void A_folder_that_is_made_on_the_way_to_a_file_gets_its_permissions_too()
    {
        Platform.NeedsPosix();
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(Path.Combine(_host.DataDisks, "sub"), own);
        _host.Backup();
        Assert.Equal(0, _host.Restore(_host.D, _to, paths: ["*.avhdx"]).ExitCode);
        Assert.Equal(own, File.GetUnixFileMode(Path.Combine(_to, "VHD", "sub")));
    }

    [Fact]
    public void Two_names_that_the_destination_takes_for_one_fail_and_the_first_is_kept()
    {
        Platform.NeedsPosix();
        Tree.Write(Path.Combine(_host.DataDisks, "README.txt"), "one");
        Tree.Write(Path.Combine(_host.DataDisks, "readme.txt"), "the other");
        Tree.Write(Path.Combine(_host.DataDisks, "SUB", "more.txt"), "?");
        _host.Backup();
        foreach (var force in new[] { false, true })
        {
            _host.Files = Caseless.Around(FileSystems.Current);
            var report = _host.Restore(_host.D, _to, force: force);
            _host.Files = FileSystems.Current;
            Assert.Equal((1, 2L), (report.ExitCode, report.FailureCount));
            Assert.All(
                report.Failures,
                failure => Assert.Contains("for one name", failure.Cause, StringComparison.Ordinal)
            );
            Assert.Equal(1, Files().Count(file => file.EndsWith("readme.txt", StringComparison.OrdinalIgnoreCase)));
        }
    }

    [Fact]
    public void Sets_of_two_runs_that_hold_one_folder_are_not_restored_to_one_place()
    {
        _host.Backup();
        var first = _host.Sets(_host.E)["SetA"];
        Assert.Null(RestoreOverlap.Of([first, _host.Sets(_host.D)["SetA"]], [], _to));
        _host.Backup();
        var failure = RestoreOverlap.Of([_host.Sets(_host.E)["SetB"], first], [], _to);
        Assert.Equal(FailureKind.BadPlan, failure!.Kind);
        Assert.Contains("'CFG'", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_keeps_a_private_folder_private_while_it_is_filled()
    {
        Platform.NeedsPosix();
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var source = Path.Combine(_host.DataDisks, "sub");
        File.SetUnixFileMode(source, own);
        var modes = new List<UnixFileMode>();
        _host.Files = new FaultyFiles(FileSystems.Current)
        {
            Fail = (operation, path) =>
            {
                if (operation == "Rename" && path.EndsWith("db.avhdx", StringComparison.Ordinal))
                    modes.Add(File.GetUnixFileMode(Path.GetDirectoryName(path)!));
                return null;
            },
        };
        var plan = _host.Plan with { PrivateSets = false };
        _host.Backup(plan);
        Assert.All(modes, mode => Assert.Equal(own, mode));
        Assert.Equal(own, File.GetUnixFileMode(Path.Combine(_host.D, "Backup-SetA", "VHD", "sub")));
    }

    private RestoreReport Restore(string target, bool salvage) =>
        SetRestorer.Restore(
            _host.Files,
            new RestoreRequest
            {
                Set = SetCatalogue.Choose(_host.Files, target, null),
                Destination = _to,
                Salvage = salvage,
            },
            new MirrorProgress(),
            CancellationToken.None
        );

    private void FailWhen(Func<string, string, FailureKind?> fail) =>
        _host.Files = new FaultyFiles(FileSystems.Current) { Fail = fail };

    private string[] Files() =>
        !Directory.Exists(_to)
            ? []
            : Directory
                .GetFiles(_to, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(_to, path).Replace('\\', '/'))
                .Order(StringComparer.Ordinal)
                .ToArray();
}

/// <summary>A file system whose look-ups ignore case, as those of exFAT and NTFS do.</summary>
public class Caseless : DispatchProxy
{
    private IFileSystem _inner = null!;

    /// <summary>Puts it around another one.</summary>
    public static IFileSystem Around(IFileSystem inner)
    {
        var proxy = Create<IFileSystem, Caseless>();
        ((Caseless)(object)proxy)._inner = inner;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IFileSystem.Find))
            return Find((string)args![0]!);
        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException e) when (e.InnerException is BackupException failure)
        {
            throw new BackupException(failure.Failure);
        }
    }

    private FileEntry? Find(string path)
    {
        if (_inner.Find(path) is { } exact)
            return exact;
        if (PathOf.Parent(path) is not { } folder || _inner.Find(folder) == null)
            return null;
        return _inner
            .List(folder)
            .FirstOrDefault(entry => string.Equals(entry.Name, PathOf.Leaf(path), StringComparison.OrdinalIgnoreCase));
    }
}
