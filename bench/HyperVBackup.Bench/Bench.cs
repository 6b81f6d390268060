using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using HyperVBackup.Bench.Children;
using HyperVBackup.Bench.Data;
using HyperVBackup.Bench.Measuring;
using HyperVBackup.Bench.Works;

namespace HyperVBackup.Bench;

/// <summary>One run, from the build to the report.</summary>
internal sealed class Bench
{
    /// <summary>All works, in the order of the table.</summary>
    public static readonly IReadOnlyList<IWork> Works =
    [
        new FullCopy(),
        new ChangedCopy(),
        new UnchangedCopy(),
        new VerifySet(),
        new RestoreSet(),
        new TwoTargets(),
        new SparseCopy(),
        new SmallFiles(),
    ];

    private readonly BenchOptions _options;
    private readonly Workspace _space;
    private readonly Child _child;
    private readonly Tools _tools;

    /// <summary>Makes a run.</summary>
    public Bench(BenchOptions options, Workspace space, Child child)
    {
        _options = options;
        _space = space;
        _child = child;
        _tools = new Tools(child, options.Without);
    }

    /// <summary>Measures what is asked for.</summary>
    /// <param name="command">The arguments, for the report.</param>
    /// <returns>The report, and whether every work could be measured.</returns>
    /// <exception cref="ChildException">Nothing can be measured.</exception>
    /// <exception cref="IOException">There is no room.</exception>
    public (IReadOnlyList<string> Report, bool Complete) Run(string command)
    {
        LoopDisk.Remove(_tools, _space.Root);
        var works = Works.Where(work => _options.Only.Count == 0 || _options.Only.Contains(work.Name)).ToList();
        // The disk, its two sets, and what the hungriest work takes.
        _space.Require(_options.Size * 3 + works.Max(work => work.Room(_options)) + (1L << 30));
        var load = Machine.Load;
        var repository = Repository();
        var hv = _options.Cli is { } cli ? HvBackup.Existing(_child, _tools, cli, _space.State) : Publish(repository);
        var rounds = new Rounds(_options.Runs, () => Machine.Settle(TimeSpan.FromSeconds(_options.Settle)), Say);
        var data = new TestData(_space.Data, Say);
        var stage = new Stage
        {
            Options = _options,
            Space = _space,
            Tools = _tools,
            Hv = hv,
            Data = data,
            Rounds = rounds,
            Floor = Floor(hv, rounds, data),
        };
        if (Machine.WhyCachesStay() is { } why)
            stage.Missing.Add("cold caches, in all works: " + why);
        if (!Child.CountsIo)
            stage.Missing.Add("bytes read and written, in all works: this kernel does not count them (/proc/self/io)");
        if (load > Environment.ProcessorCount / 2.0)
            stage.Missing.Add(
                FormattableString.Invariant(
                    $"a quiet machine: its load was {load:0.0} on {Environment.ProcessorCount} cores before the run"
                )
            );
        var general = stage.Missing.ToList();
        var setting = Setting(stage, Commit(repository)).ToList();
        var complete = true;
        var pieces = new List<Piece>();
        foreach (var work in works)
        {
            var started = DateTime.UtcNow;
            var (findings, measured, missing) = (stage.Findings.Count, hv.Measured.Count, stage.Missing.Count);
            complete &= Measure(stage, work);
            var piece = new Piece
            {
                Work = work.Name,
                Started = started,
                Took = DateTime.UtcNow - started,
                Command = command,
                Setting = setting,
                Findings = stage.Findings.Skip(findings).ToList(),
                Runs = hv
                    .Measured.Skip(measured)
                    .Where(item => item.Series.Samples.Count > 0)
                    .Select(item => ProfiledRun.Of(item.Work, item.Series))
                    .ToList(),
                Missing = [.. general, .. stage.Missing.Skip(missing)],
            };
            pieces.Add(piece);
            if (_options.Pieces != null)
                piece.Save(_options.Pieces);
        }

        if (_options.Pieces != null)
            pieces = [.. Piece.Load(_options.Pieces, Works.Select(work => work.Name))];
        return (Report.Lines(pieces).ToList(), complete);
    }

    private IEnumerable<string> Setting(Stage stage, string commit)
    {
        foreach (var line in Machine.Describe(_space.Root))
            yield return line;
        yield return "hvbackup " + stage.Hv.How + commit;
        foreach (var tool in Tools.Peers.Append("dd"))
            if (_tools.WhyNot(tool) == null)
                yield return _tools.Version(tool);
        yield return FormattableString.Invariant(
            $"disk of {Finding.MiB(_options.Size)} that nothing can compress; caches dropped "
        )
            + FormattableString.Invariant(
                $"before each measurement unless said otherwise; medians of {_options.Runs} with (least–most)"
            );
        if (stage.Floor.IsMeasured)
            yield return "the floor under the times of hvbackup, a backup of one small file: "
                + Finding.Text(stage.Floor)
                + ", "
                + Finding.MiB(stage.Floor.MedianOf(sample => sample.ReadBytes))
                + " read";
    }

    private Series Floor(HvBackup hv, Rounds rounds, TestData data)
    {
        var source = data.SmallFiles("floor", 1, 5);
        return rounds.Measure(
            "a backup of one small file",
            [
                new Contender(Stage.Ours, () => hv.Backup(source, Path.Combine(_space.Copies, "floor")))
                {
                    Before = () => _space.Fresh("floor"),
                },
            ]
        )[Stage.Ours];
    }

    private static bool Measure(Stage stage, IWork work)
    {
        try
        {
            work.Measure(stage);
            return true;
        }
        catch (ChildException e)
        {
            Say(work.Name + " cannot be measured: " + e.Message);
            stage.Missing.Add(work.Name + ": " + e.Message);
            stage.Findings.Add(new Finding(work.Name, "–", "", "–", "", Finding.NotMeasured));
            return false;
        }
        finally
        {
            stage.RemoveCopies();
        }
    }

    private static void Say(string text) => Console.Error.WriteLine(text);

    private HvBackup Publish(string repository)
    {
        Say("building hvbackup");
        return HvBackup.Publish(_child, _tools, repository, _space.Cli, _space.State);
    }

    // From where it was built up to the solution; it is not meant to be taken elsewhere.
    private static string Repository()
    {
        for (var folder = AppContext.BaseDirectory; folder != null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "HyperVBackup.slnx")))
                return folder;
        return Environment.CurrentDirectory;
    }

    private string Commit(string repository)
    {
        if (_options.Cli != null)
            return "";
        if (_tools.WhyNot("git") != null)
            return ", commit unknown";
        try
        {
            var changes =
                _tools.Must(["git", "-C", repository, "status", "--porcelain", "--", "src"]).Output.Length > 0;
            return ", commit "
                + _tools.Must(["git", "-C", repository, "rev-parse", "--short", "HEAD"]).Output.Trim()
                + (changes ? ", with changes not committed" : "");
        }
        catch (ChildException)
        {
            return ", commit unknown";
        }
    }
}
