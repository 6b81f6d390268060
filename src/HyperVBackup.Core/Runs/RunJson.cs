using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Json;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Runs;

/// <summary>
/// Results as JSON, the same for <c>--json</c>, for the commands of a plan and for the history of runs: camelCase,
/// enumerations as words, times as ISO 8601 in UTC, durations in seconds.
/// </summary>
public static class RunJson
{
    // A result is asked for up to three times: for the history, for the plan's command, for standard output.
    private static Tuple<RunResult, JToken>? _last;

    /// <summary>Any plain data of the library as JSON.</summary>
    public static JToken ToToken(object value)
    {
        if (value is not RunResult result)
            return PlainJson.ForResults.ToToken(value);
        var last = _last;
        if (last == null || !ReferenceEquals(last.Item1, result))
            _last = last = Tuple.Create(result, PlainJson.ForResults.ToToken(result));
        return last.Item2.DeepClone();
    }

    /// <summary>A result with its outcome and exit code first.</summary>
    public static JObject OfResult(RunResult result)
    {
        var json = (JObject)ToToken(result);
        foreach (var name in new[] { "exitCode", "outcome" })
        {
            var value = json[name]!;
            json.Remove(name);
            json.AddFirst(new JProperty(name, value));
        }

        return json;
    }

    /// <summary>The text of JSON in pure ASCII, so that no code page can spoil it.</summary>
    internal static string Text(JObject json)
    {
        using var text = new System.IO.StringWriter(System.Globalization.CultureInfo.InvariantCulture)
        {
            NewLine = "\n",
        };
        using var writer = new JsonTextWriter(text)
        {
            Formatting = Formatting.Indented,
            StringEscapeHandling = StringEscapeHandling.EscapeNonAscii,
            DateTimeZoneHandling = DateTimeZoneHandling.Utc,
        };
        json.WriteTo(writer);
        return text + "\n";
    }

    /// <summary>Reads a result.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    internal static RunResult ToResult(JObject json)
    {
        var result = PlainJsonReader.ForResults.Read<RunResult>(json);
        return IsWhole(result)
            ? result
            : throw new JsonSerializationException(
                "Something is missing in the result, or of a kind that this program does not know."
            );
    }

    // The reader sets what it finds: nothing else keeps a null, or a number that names nothing, out of what the rest of
    // the program takes for granted.
    private static bool IsWhole(RunResult result) =>
        result is { Plan: not null, Host: not null, Set: not null, Provider: not null, Log: not null }
        && Enum.IsDefined(typeof(RunOutcome), result.Outcome)
        && Enum.IsDefined(typeof(Shadows.Consistency), result.Consistency)
        && Have(result.Removed, set => true)
        && Have(result.Shadows, shadow => true)
        && Have(result.Warnings, warning => true)
        && Have(result.Failures, IsWhole)
        && Have(result.Jobs, job => job is { Source: not null, Target: not null, Folder: not null })
        && Have(
            result.Machines,
            machine =>
                machine is { Name: not null, Capture: not null, WriterState: not null, Folder: not null }
                && Have(machine.Volumes, volume => true)
                && (machine.Failure == null || IsWhole(machine.Failure))
        );

    private static bool IsWhole(Failures.Failure failure) =>
        failure is { Target: not null, Operation: not null, Cause: not null }
        && Enum.IsDefined(typeof(Failures.FailureKind), failure.Kind);

    private static bool Have<T>(IReadOnlyList<T>? items, Func<T, bool> isWhole)
        where T : class => items != null && items.All(item => item != null && isWhole(item));
}
