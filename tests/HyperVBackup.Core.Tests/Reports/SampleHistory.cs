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
using HyperVBackup.Reports;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using HyperVBackup.Tests.Vss.Fakes;

namespace HyperVBackup.Tests.Reports;

/// <summary>
/// Weeks in the life of a host, by real runs: four virtual machines every night, through the model of VSS, and a
/// folder. One night the disk is
/// full, one is cancelled, for some the host is off, and at the end one machine cannot be captured any more.
/// </summary>
internal sealed class SampleHistory : IDisposable
{
    private const int NonRetryable = unchecked((int)0x800423F4);
    private readonly TempFolder? _temporary;
    private readonly string _root;
    private readonly VssFixture _vss;
    private readonly SampleSize _size;
    private readonly Random _random = new(7);
    private readonly SampleClock _clock;

    /// <summary>Lives through the weeks, in a folder that is gone afterwards.</summary>
    public SampleHistory(SampleSize size)
        : this(size, new TempFolder(), null) { }

    /// <summary>Lives through the weeks in a folder that stays; if it is there, what is in it.</summary>
    public SampleHistory(SampleSize size, string folder)
        : this(size, null, folder) { }

    private SampleHistory(SampleSize size, TempFolder? temporary, string? folder)
    {
        Platform.NeedsPosix();
        (_size, _temporary, _root, _clock) = (
            size,
            temporary,
            temporary?.Path ?? folder!,
            new SampleClock(size.ClockFactor)
        );
        var isThere = Directory.Exists(State.Path);
        _vss = isThere ? new VssFixture(_root) : VssFixture.OnFolders(_root);
        if (!isThere)
            Live();
        _clock.GoTo(size.Nights - 1, TimeSpan.FromHours(9.5));
    }

    /// <summary>The folder of the host's disks.</summary>
    public string Root => _root;

    public string F => Path.Combine(_root, "F");

    public string G => Path.Combine(_root, "G");

    public StateFolder State => new(Path.Combine(_root, "state"));

    public RunContext Context =>
        new()
        {
            Files = FileSystems.Current,
            Clock = _clock,
            State = State,
            Journal = _vss.Journal,
            Providers = new ShadowProviders([_vss.Provider]),
            Host = "HV01",
        };

    public ReportModel Report(params string[] targets) =>
        BackupReport.Read(
            Context,
            new ReportOptions
            {
                Targets = targets,
                Zone = TimeZoneInfo.CreateCustomTimeZone("CET", TimeSpan.FromHours(1), null, null),
            }
        );

    public void Dispose() => _temporary?.Dispose();

    private void Live()
    {
        _vss.Host.LinksFiles = true;
        _vss.Host.Machines[2] = _vss.Host.Machines[2] with { Caption = "Online", Name = "files01" };
        _vss.Host.Machines.Add(FakeMachine.At("mail01", Path.Combine(_root, "D", "mail01")));
        foreach (var folder in new[] { "D/mail01", "F", "G", "C/Scripts" })
            Directory.CreateDirectory(Path.Combine(_root, folder));
        File.WriteAllText(Path.Combine(_root, "D/mail01/mail01.vhdx"), "mail");
        foreach (var disk in Disks())
            Grow(disk);
        for (var night = 0; night < _size.Nights; night++)
            Live(night);
    }

    private IEnumerable<string> Disks() =>
        new[] { "D", "E" }
            .SelectMany(disk => Directory.GetFiles(Path.Combine(_root, disk), "*.vhdx", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal);

    private void Live(int night)
    {
        if (night > 0)
            foreach (var disk in Disks())
                Change(disk, night);
        _clock.GoTo(night, TimeSpan.FromHours(1));
        File.WriteAllBytes(
            Path.Combine(_root, "C/Scripts/deploy.zip"),
            Enumerable.Repeat((byte)night, _size.Write).ToArray()
        );
        if (_size.IsOff(night))
            return;
        if (night == _size.Nights - 3)
            _vss.Host.Machines[1] = _vss.Host.Machines[1] with { Failure = NonRetryable };
        var context = Context;
        if (night == _size.FullNight)
            context = context with
            {
                Files = new FaultyFiles(context.Files)
                {
                    Fail = (operation, path) =>
                        operation == "Write"
                        && path.StartsWith(G, StringComparison.Ordinal)
                        && path.Contains("web01", StringComparison.Ordinal)
                            ? throw new BackupException(
                                FailureKind.DiskFull,
                                path,
                                "write",
                                "no space is left on the device"
                            )
                            : null,
                },
            };
        using var cancel = new CancellationTokenSource();
        if (night == _size.CancelledNight)
            context = context with
            {
                Story = sentence =>
                {
                    if (sentence.StartsWith("Copying vm:mail01", StringComparison.Ordinal))
                        cancel.Cancel();
                },
            };
        BackupRun.Execute(
            new BackupPlan
            {
                Name = "nightly",
                VirtualMachines = ["*"],
                VirtualMachineTargets = [F, G],
                Jobs = [new BackupJob { Source = Path.Combine(_root, "C/Scripts"), Targets = [F, G] }],
                Verify = night % 7 == 0,
            },
            context,
            cancel.Token
        );
    }

    private void Grow(string disk)
    {
        using var file = File.OpenWrite(disk);
        file.SetLength(
            _size.Disk
                * (
                    disk.Contains("db01", StringComparison.Ordinal) ? 3
                    : disk.Contains("web01", StringComparison.Ordinal) ? 2
                    : 1
                )
        );
        for (var i = 0; i < _size.FirstWrites; i++)
            WriteSomewhere(file);
    }

    private void Change(string disk, int night)
    {
        using var file = File.OpenWrite(disk);
        var isBusy = night % 7 is < 5 and var day && day != 0;
        for (var i = _random.Next(_size.Writes / 2, _size.Writes * (isBusy ? 3 : 1)); i > 0; i--)
            WriteSomewhere(file);
    }

    private void WriteSomewhere(FileStream file)
    {
        var block = new byte[_size.Write];
        _random.NextBytes(block);
        file.Position = _random.NextInt64(Math.Max(1, (file.Length / _size.Write) - 1)) * _size.Write;
        file.Write(block);
    }
}

/// <summary>How much of it: little for a test, much for a picture.</summary>
internal sealed record SampleSize
{
    public static SampleSize ForTests { get; } =
        new()
        {
            Nights = 9,
            Disk = 1 << 20,
            Write = 4096,
            FirstWrites = 8,
            Writes = 2,
            FullNight = 2,
            CancelledNight = 3,
        };

    public static SampleSize ForPictures { get; } =
        new()
        {
            Nights = 47,
            Disk = 3L << 30,
            Write = 128 * 1024,
            FirstWrites = 240,
            Writes = 40,
            FullNight = 12,
            CancelledNight = 27,
            OffFrom = 18,
            OffTo = 21,
            ClockFactor = 60,
        };

    public required int Nights { get; init; }

    public required long Disk { get; init; }

    public required int Write { get; init; }

    public required int FirstWrites { get; init; }

    public required int Writes { get; init; }

    public int FullNight { get; init; }

    public int CancelledNight { get; init; }

    public int OffFrom { get; init; } = -1;

    public int OffTo { get; init; } = -1;

    /// <summary>How many seconds pass in one; 0: time stands still while a run runs.</summary>
    public int ClockFactor { get; init; }

    public bool IsOff(int night) => night >= OffFrom && night <= OffTo;
}

/// <summary>A clock that is set from night to night, and between may go faster than others.</summary>
internal sealed class SampleClock(int factor) : IClock
{
    private static readonly DateTime First = new(2026, 4, 6, 0, 0, 0, DateTimeKind.Utc);
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private DateTime _from = First;

    public DateTime UtcNow => _from + (_since.Elapsed * factor);

    public void GoTo(int night, TimeSpan time)
    {
        _from = First.AddDays(night) + time;
        _since.Restart();
    }

    public void Wait(TimeSpan time, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        _from += time;
    }
}
