using System;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Progress;
using HyperVBackup.Shadows;

namespace HyperVBackup.Runs;

/// <summary>What a run works with: everything that tests replace.</summary>
public sealed record RunContext
{
    /// <summary>The file system.</summary>
    public required IFileSystem Files { get; init; }

    /// <summary>The clock.</summary>
    public required IClock Clock { get; init; }

    /// <summary>Where the lock, the journal and logs are.</summary>
    public required StateFolder State { get; init; }

    /// <summary>The journal of shadow sets.</summary>
    public required IShadowJournal Journal { get; init; }

    /// <summary>The shadow providers.</summary>
    public required ShadowProviders Providers { get; init; }

    /// <summary>How far the run is; sampled by whoever shows it.</summary>
    public MirrorProgress Progress { get; init; } = new();

    /// <summary>
    /// Whether somebody watches: then the bytes to go through are counted, at the cost of a second walk through the
    /// sources.
    /// </summary>
    public bool CountsTotal { get; init; }

    /// <summary>
    /// Whether this one run may delete as much as it likes, and a source may be empty or without a disk that was
    /// mounted in it. On purpose, and never from a plan.
    /// </summary>
    public bool AllowDeletions { get; init; }

    /// <summary>Told what happens, in sentences, as it happens; from the run's own threads.</summary>
    public Action<string> Story { get; init; } = _ => { };

    /// <summary>This computer's time zone: for the names of sets, and for whose day a set is of.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Local;

    /// <summary>This computer's name.</summary>
    public string Host { get; init; } = Environment.MachineName;

    /// <summary>Takes the lock at a path for a plan; disposing gives it back.</summary>
    internal Func<IFileSystem, string, string, DateTime, IDisposable> TakeLock { get; init; } = RunLock.Take;

    /// <summary>Calls a program; says why it failed, and the last it wrote.</summary>
    internal Func<ChildCall, (string? Problem, string Output)> CallProgram { get; init; } = ChildProcess.Run;

    /// <summary>
    /// Writes to the system's log, or throws a <see cref="Failures.BackupException"/>. Nothing is written unless
    /// somebody says where.
    /// </summary>
    internal Action<LogEvent> WriteEvent { get; init; } = _ => { };

    /// <summary>
    /// Threads of an engine; 0: as many as this machine is good for. With one, the order of operations is always the
    /// same.
    /// </summary>
    internal int Workers { get; init; }

    /// <summary>The context of this machine.</summary>
    /// <param name="state">The state folder; null: this host's.</param>
    /// <param name="trace">Told every call to the file system and to VSS, in a line, as it is made, from any thread;
    /// null: nobody wants to know.</param>
    public static RunContext OfThisHost(StateFolder? state = null, Action<string>? trace = null)
    {
        var files = trace == null ? FileSystems.Current : new TracedFiles(FileSystems.Current, trace);
        state = (state ?? StateFolder.OfThisHost()).BehindLinks(files);
        var journal = new ShadowJournal(files, state);
        return new RunContext
        {
            Files = files,
            Clock = SystemClock.Instance,
            State = state,
            Journal = journal,
            Providers = ShadowProviders.OfThisHost(files, journal, SystemClock.Instance, trace),
            WriteEvent = SystemLog.Write,
        };
    }
}
