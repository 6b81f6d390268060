using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Runs;

/// <summary>
/// The results of the runs of this host, one JSON file each in the state folder's <c>runs</c>: what a report is made
/// of.
/// </summary>
public static class RunHistory
{
    /// <summary>The version of the files' format.</summary>
    public const int Schema = 1;

    /// <summary>How many results are kept.</summary>
    public const int Kept = 1000;

    private const string Extension = ".json";

    // A thousand failures and a thousand warnings with long paths.
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>
    /// The results that are there, the newest first. What cannot be read is left out: a report of the others is better
    /// than none.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="state">The state folder.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="BackupException">The folder cannot be read.</exception>
    public static IReadOnlyList<RunResult> List(IFileSystem files, StateFolder state, int most = Kept) =>
        Entries(files, state).Select(entry => entry.Result).OfType<RunResult>().Take(most).ToList();

    /// <summary>
    /// The files that are there, the newest first, each read when it is asked for: results with thousands of failures
    /// need not all be in memory.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="state">The state folder.</param>
    /// <exception cref="BackupException">The folder cannot be read.</exception>
    public static IEnumerable<HistoryEntry> Entries(IFileSystem files, StateFolder state)
    {
        if (files.Find(state.Runs) is not { Kind: EntryKind.Folder })
            return Array.Empty<HistoryEntry>();
        return files
            .List(state.Runs)
            .Where(entry => RunNames.Is(entry, Extension))
            .OrderByDescending(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => Read(files, PathOf.Join(state.Runs, entry.Name)));
    }

    /// <summary>Adds a result, durably, and deletes the oldest.</summary>
    /// <exception cref="BackupException">It cannot be written.</exception>
    internal static void Add(IFileSystem files, StateFolder state, RunResult result, int keep = Kept)
    {
        Trees.Create(files, state.Runs, true);
        var bytes = BytesOf(result);
        // Long paths of control characters take six times their length. What is left out was counted, and is in the
        // log.
        while (bytes.Length > MostBytes && result.Failures.Count + result.Warnings.Count > 0)
        {
            result = result with
            {
                Failures = result.Failures.Take(result.Failures.Count / 2).ToArray(),
                Warnings = result.Warnings.Take(result.Warnings.Count / 2).ToArray(),
            };
            bytes = BytesOf(result);
        }

        var path = PathOf.Join(state.Runs, RunNames.Of(result.Started, result.RunId) + Extension);
        SmallFiles.Replace(files, path, bytes, MostBytes);
        RunNames.Rotate(files, state.Runs, Extension, keep, path);
    }

    private static byte[] BytesOf(RunResult result)
    {
        var json = RunJson.OfResult(result);
        json.AddFirst(new JProperty("schema", Schema));
        return Encoding.ASCII.GetBytes(RunJson.Text(json));
    }

    private static HistoryEntry Read(IFileSystem files, string path)
    {
        const string operation = "read the result of a run";
        try
        {
            using var reader = new JsonTextReader(
                new StringReader(Encoding.UTF8.GetString(SmallFiles.Read(files, path, MostBytes)))
            )
            {
                MaxDepth = 32,
            };
            var json = JObject.Load(reader);
            var schema = (int?)json["schema"];
            return schema == Schema
                ? new HistoryEntry { Path = path, Result = RunJson.ToResult(json) }
                : Unreadable(
                    path,
                    new Failure(
                        FailureKind.StateDamaged,
                        path,
                        operation,
                        schema == null
                            ? "it has no schema"
                            : "its schema is " + schema + ", and this program knows " + Schema
                    )
                );
        }
        catch (BackupException e)
        {
            return Unreadable(path, e.Failure);
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or FormatException
                        or ArgumentException
                        or OverflowException
                        or InvalidCastException
            )
        {
            return Unreadable(path, new Failure(FailureKind.StateDamaged, path, operation, e.Message.TrimEnd('.')));
        }
    }

    private static HistoryEntry Unreadable(string path, Failure problem) =>
        new()
        {
            Path = path,
            Problem = problem with
            {
                Advice = "Delete the file, or ask the log of that run; backups do not depend on it.",
            },
        };
}

/// <summary>One file of the history: a result, or why there is none.</summary>
public sealed record HistoryEntry
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The result; null when the file cannot be read.</summary>
    public RunResult? Result { get; init; }

    /// <summary>Why it cannot be read; null when it can.</summary>
    public Failure? Problem { get; init; }
}
