using System;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Reports;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Runs;
using Xunit;

namespace HyperVBackup.Tests.Reports;

/// <summary>From a real history to a real file.</summary>
public sealed class ReportFileTests : IDisposable
{
    private readonly MiniatureHost _host = new();
    private readonly string _file;

    public ReportFileTests() => _file = Path.Combine(_host.Root, "report.html");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Runs_of_this_host_are_read_with_what_is_on_the_targets()
    {
        _host.Backup();
        _host.Backup();
        var model = Read(_host.D, Path.Combine(_host.E, "Backup-SetA"));
        Assert.Equal(
            [_host.Config, _host.SystemDisks, _host.DataDisks],
            model.Items.Select(item => item.Name).Order(StringComparer.Ordinal)
        );
        Assert.All(model.Items, item => Assert.All(item.Copies, copy => Assert.True(copy.IsSeen)));
        Assert.Equal([_host.D, _host.E], model.Targets.Select(target => target.Target));
        Assert.Equal(
            2,
            Assert.Single(model.Items, item => item.Name == _host.Config).Copies.Count(copy => copy.Set == "SetB")
        );
        Assert.Equal(ReportState.Good, model.State);
    }

    [Fact]
    public void A_target_that_is_not_there_and_files_that_are_torn_are_lines_of_the_report()
    {
        _host.Backup();
        foreach (
            var (time, content) in new[]
            {
                ("20260129T000000Z", "{ torn"),
                ("20260129T000001Z", "{ \"schema\": 2 }"),
                ("20260129T000002Z", ""),
                ("20260129T000003Z", "[]"),
                ("20260129T000004Z", "{ \"schema\": 1, \"plan\": null }"),
            }
        )
            File.WriteAllText(Path.Combine(_host.State.Runs, time + "-" + Guid.Empty.ToString("N") + ".json"), content);
        File.WriteAllBytes(
            Path.Combine(_host.State.Runs, "20260129T000005Z-" + Guid.Empty.ToString("N") + ".json"),
            [0xFF, 0xFE, 0, 1]
        );
        var model = Read(Path.Combine(_host.Root, "nowhere"));
        Assert.Equal((1, 6, ReportState.Attention), (model.RunCount, model.Damaged.Count, model.State));
        Assert.All(model.Damaged, entry => Assert.NotEmpty(entry.Problem!.Cause));
        Assert.Contains(
            model.Damaged,
            entry => entry.Problem!.Cause.StartsWith("its schema is 2", StringComparison.Ordinal)
        );
        Assert.Equal(2, model.Unreadable.Count());
        Assert.NotEmpty(BackupReport.ToHtml(model));
    }

    [Theory]
    [InlineData("\"outcome\": \"complete\"", "\"outcome\": 77")]
    [InlineData("\"consistency\": \"none\"", "\"consistency\": 9")]
    [InlineData("\"machines\": []", "\"machines\": [ null ]")]
    [InlineData("\"machines\": []", "\"machines\": [ { \"id\": \"00000000-0000-0000-0000-000000000000\" } ]")]
    [InlineData("\"warnings\": []", "\"warnings\": [ null ]")]
    [InlineData(
        "\"failures\": []",
        "\"failures\": [ { \"kind\": 999, \"target\": \"\", \"operation\": \"\", \"cause\": \"\" } ]"
    )]
    [InlineData("\"failures\": []", "\"failures\": [ {} ]")]
    [InlineData("\"jobs\": [", "\"jobs\": [ null, ")]
    [InlineData("\"target\":", "\"tarjet\":")]
    public void What_is_no_result_is_damaged_and_not_half_taken(string from, string to)
    {
        _host.Backup();
        var path = Directory.GetFiles(_host.State.Runs).Single();
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        Assert.Single(Read().Damaged);
        Assert.Empty(RunHistory.List(FileSystems.Current, _host.State));
    }

    [Fact]
    public void A_result_of_an_earlier_version_is_read_and_what_it_did_not_measure_is_not_known()
    {
        _host.Backup();
        var path = Directory.GetFiles(_host.State.Runs).Single();
        var lines = File.ReadAllLines(path)
            .Where(line =>
                !line.Contains("\"seconds\"", StringComparison.Ordinal)
                && !line.Contains("\"verified\"", StringComparison.Ordinal)
            )
            .ToList();
        File.WriteAllText(path, string.Join("\n", lines).Replace(",\n    }", "\n    }", StringComparison.Ordinal));
        var model = Read();
        Assert.Empty(model.Damaged);
        Assert.All(model.Items, item => Assert.Null(item.Rate));
        Assert.False(model.Runs[0].Verified);
    }

    [Fact]
    public void A_run_says_how_long_each_job_took_and_whether_it_was_verified()
    {
        var clock = _host.Clock;
        var slow = new FaultyFiles(_host.Files)
        {
            Fail = (operation, path) =>
            {
                if (operation == "OpenRead" && path.EndsWith("web.vhdx", StringComparison.Ordinal))
                    clock.UtcNow += TimeSpan.FromSeconds(30);
                return null;
            },
        };
        _host.Files = slow;
        var result = _host.Backup(
            _host.Plan with
            {
                Verify = true,
                Jobs = _host.Plan.Jobs.Where(job => job.Source == _host.SystemDisks).ToArray(),
            }
        );
        Assert.True(result.Verified);
        Assert.True(result.Jobs.Single().Seconds >= 30);
        Assert.NotNull(Read().Items.Single().Rate);
        Assert.False(_host.Backup().Verified);
    }

    [Fact]
    public void The_file_is_there_whole_or_not_at_all()
    {
        _host.Backup();
        BackupReport.Write(_host.Files, _file, BackupReport.ToHtml(Read()));
        var before = File.ReadAllBytes(_file);
        var faulty = new FaultyFiles(_host.Files)
        {
            Fail = (operation, _) => operation == "Write" ? FailureKind.DiskFull : null,
        };
        Assert.Equal(
            FailureKind.DiskFull,
            Assert
                .Throws<BackupException>(() => BackupReport.Write(faulty, _file, Encoding.UTF8.GetBytes("new")))
                .Failure.Kind
        );
        Assert.Equal(before, File.ReadAllBytes(_file));
        Assert.DoesNotContain(
            Directory.GetFiles(_host.Root),
            path => Path.GetFileName(path).StartsWith(".hvbackup", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_unless_told_otherwise_and_keeps_its_permissions()
    {
        Platform.NeedsPosix();
        File.WriteAllText(_file, "old");
        FileTools.SetMode(_file, "644");
        Assert.Equal(FailureKind.DestinationExists, Refused(clobber: false, force: true));
        BackupReport.Write(_host.Files, _file, [1]);
        Assert.Equal("644", FileTools.Mode(_file));
        FileTools.SetMode(_file, "444");
        Assert.Equal(FailureKind.AccessDenied, Refused(clobber: true, force: false));
        BackupReport.Write(_host.Files, _file, [2], force: true);
        Assert.Equal([2], File.ReadAllBytes(_file));
        Assert.Equal("444", FileTools.Mode(_file));
    }

    [Fact]
    public void A_new_one_is_its_owners_and_through_a_link_the_real_file_is_written()
    {
        Platform.NeedsPosix();
        BackupReport.Write(_host.Files, _file, [1]);
        Assert.Equal("600", FileTools.Mode(_file));
        var link = Path.Combine(_host.Root, "link.html");
        File.CreateSymbolicLink(link, _file);
        BackupReport.Write(_host.Files, link, [2]);
        Assert.Equal([2], File.ReadAllBytes(_file));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_folder_or_a_place_that_is_not_there_is_refused_before_any_work()
    {
        Directory.CreateDirectory(_file);
        Assert.Equal(FailureKind.DestinationExists, Refused(true, true));
        Assert.Equal(
            FailureKind.FileMissing,
            Assert
                .Throws<BackupException>(() =>
                    BackupReport.RequireWritable(_host.Files, Path.Combine(_host.Root, "none", "r.html"), true, false)
                )
                .Failure.Kind
        );
    }

    [Theory]
    [InlineData("2", 48)]
    [InlineData("1.5", 36)]
    [InlineData("36h", 36)]
    [InlineData(" 2d ", 48)]
    [InlineData("1.12:00:00", 36)]
    [InlineData("-1", -24)]
    public void Ages_are_days_unless_they_say_otherwise(string text, double hours)
    {
        Assert.True(AgeText.TryParse(text, out var age));
        Assert.Equal(hours, age.TotalHours);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("2 weeks")]
    [InlineData("1e300")]
    [InlineData("99999999999999999999")]
    [InlineData("NaN")]
    public void Other_words_are_no_ages(string text) => Assert.False(AgeText.TryParse(text, out _));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(401, 1)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, 4000)]
    public void Options_that_make_no_sense_are_refused(int last, double days) =>
        Assert.Equal(
            FailureKind.BadPlan,
            Assert
                .Throws<BackupException>(() =>
                    BackupReport.Read(
                        _host.Context,
                        new ReportOptions { Last = last, StaleAfter = TimeSpan.FromDays(days) }
                    )
                )
                .Failure.Kind
        );

    private ReportModel Read(params string[] targets) =>
        BackupReport.Read(_host.Context, new ReportOptions { Targets = targets, Zone = TimeZoneInfo.Utc });

    private FailureKind Refused(bool clobber, bool force) =>
        Assert.Throws<BackupException>(() => BackupReport.Write(_host.Files, _file, [9], clobber, force)).Failure.Kind;
}
