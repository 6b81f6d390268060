using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Shadows;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Plans;

/// <summary>
/// Plans as JSON, with comments (see <see cref="JsonSyntax"/>). Strict: a property that is unknown or has the wrong
/// type is an error that names it, because a misspelt
/// <c>exclude</c> that is silently ignored would copy, or not copy, the wrong files for months.
/// </summary>
public static class PlanJson
{
    private static readonly string[] PlanProperties =
    {
        "$schema",
        "name",
        "sets",
        "keep",
        "jobs",
        "virtualMachines",
        "virtualMachineTargets",
        "onlineOnly",
        "separateSets",
        "shadow",
        "verify",
        "maxBytesPerSecond",
        "takeOver",
        "privateSets",
        "shareBlocks",
        "maxDeletePercent",
        "keepLogs",
        "eventLog",
        "onSuccess",
        "onFailure",
    };

    private static readonly string[] JobProperties = { "source", "include", "exclude", "folder", "targets" };
    private static readonly string[] ShadowProperties =
    {
        "provider",
        "timeoutMinutes",
        "retries",
        "retryDelaySeconds",
    };
    private static readonly string[] CommandProperties = { "command", "arguments", "timeoutSeconds" };
    private static readonly string[] Providers = { "auto", "vss", "btrfs", "reflink", "copy" };

    /// <summary>
    /// Every property name a plan may hold. JSON is exact about case; hashtables are not, and are brought to these.
    /// </summary>
    internal static IEnumerable<string> PropertyNames =>
        PlanProperties.Concat(KeepRule.Kinds).Concat(JobProperties).Concat(ShadowProperties).Concat(CommandProperties);

    /// <summary>Reads a plan's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">How messages name it. An absolute path is that of its file, and becomes
    /// <see cref="BackupPlan.File"/>.</param>
    /// <param name="folder">What relative paths in it start from; null: the current folder.</param>
    /// <exception cref="PlanException">It is no JSON, or no plan; names every property that is wrong.</exception>
    public static BackupPlan Parse(string json, string origin, string? folder = null) =>
        Parse(json, origin, folder, true);

    /// <summary>The same.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">How messages name it.</param>
    /// <param name="folder">What relative paths in it start from.</param>
    /// <param name="isExact">Whether words must have the case that the schema gives them: in JSON, not in what
    /// PowerShell made.</param>
    internal static BackupPlan Parse(string json, string origin, string? folder, bool isExact)
    {
        JToken token;
        if (JsonSyntax.Problem(json) is { } wrong)
            throw new PlanException(origin, new[] { new PlanProblem("(file)", "it is not valid JSON: " + wrong) });
        try
        {
            using var reader = new JsonTextReader(new StringReader(json))
            {
                DateParseHandling = DateParseHandling.None,
                MaxDepth = 32,
            };
            token = JToken.Load(
                reader,
                new JsonLoadSettings
                {
                    CommentHandling = CommentHandling.Ignore,
                    DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
                }
            );
            while (reader.Read())
                if (reader.TokenType != JsonToken.Comment)
                    throw new JsonReaderException("Something follows the end of the plan.");
        }
        catch (JsonException e)
        {
            throw new PlanException(
                origin,
                new[] { new PlanProblem("(file)", "it is not valid JSON: " + e.Message.TrimEnd('.')) }
            );
        }

        return FromToken(token, origin, folder, isExact);
    }

    /// <summary>Reads a plan from parsed JSON.</summary>
    internal static BackupPlan FromToken(JToken token, string origin, string? folder, bool isExact = false)
    {
        var read = new PropertyReader(isExact);
        if (token is not JObject json)
        {
            read.Problems.Add(new PlanProblem("(file)", "a plan is a JSON object: { \"jobs\": [ … ] }"));
            throw new PlanException(origin, read.Problems);
        }

        read.RefuseUnknown(json, "", PlanProperties);
        read.Text(json, "$schema", "");
        var plan = new BackupPlan
        {
            Name = read.Text(json, "name", "") ?? NameOf(origin),
            IsUnnamed = json["name"] is not { Type: JTokenType.String },
            Sets = ReadSets(read, json),
            Keep = ReadKeep(read, json),
            Jobs = ReadJobs(read, json, folder),
            VirtualMachines = read.Texts(json, "virtualMachines", "") ?? Array.Empty<string>(),
            VirtualMachineTargets = FullPaths(read.Texts(json, "virtualMachineTargets", ""), folder),
            OnlineOnly = read.Flag(json, "onlineOnly", "") ?? false,
            SeparateSets = read.Choice<SeparateSets>(json, "separateSets"),
            Shadow = ReadShadow(read, json),
            Verify = read.Flag(json, "verify", "") ?? false,
            MaxBytesPerSecond = read.Number(json, "maxBytesPerSecond", "", 0, long.MaxValue) ?? 0,
            TakeOver = read.Flag(json, "takeOver", "") ?? false,
            PrivateSets = read.Flag(json, "privateSets", "") ?? true,
            ShareBlocks = read.Flag(json, "shareBlocks", "") ?? true,
            MaxDeletePercent = (int)(
                read.Number(json, "maxDeletePercent", "", 0, 100) ?? BackupPlan.DefaultMaxDeletePercent
            ),
            KeepLogs = (int)(read.Number(json, "keepLogs", "", 1, 100_000) ?? BackupPlan.DefaultKeepLogs),
            EventLog = read.Flag(json, "eventLog", "") ?? true,
            OnSuccess = ReadCommand(read, json, "onSuccess", folder),
            OnFailure = ReadCommand(read, json, "onFailure", folder),
            File = Path.IsPathRooted(origin) ? origin : null,
        };
        return read.Problems.Count == 0 ? plan : throw new PlanException(origin, read.Problems);
    }

    // Two plans without a name on one target must not take each other's sets for their own.
    private static string NameOf(string origin)
    {
        var name = Path.IsPathRooted(origin) ? Path.GetFileNameWithoutExtension(PathOf.Leaf(origin)) : "";
        if (name.Length > BackupPlan.LongestName)
            name = name.Substring(0, BackupPlan.LongestName);
        return string.IsNullOrWhiteSpace(name) ? BackupPlan.DefaultName : name;
    }

    private static IReadOnlyList<string> ReadSets(PropertyReader read, JObject plan)
    {
        if (plan["sets"]?.Type is not (JTokenType.Integer or JTokenType.Float))
            return read.Texts(plan, "sets", "") ?? BackupPlan.DefaultSets;
        return read.Number(plan, "sets", "", 2, SetNames.Most) is { } count
            ? SetNames.Numbered((int)count)
            : BackupPlan.DefaultSets;
    }

    private static KeepRule? ReadKeep(PropertyReader read, JObject plan)
    {
        if (read.Object(plan, "keep") is not { } keep)
            return null;
        read.RefuseUnknown(keep, "keep.", KeepRule.Kinds.ToArray());
        return KeepRule.Of(kind => (int)(read.Number(keep, kind, "keep.", 0, KeepRule.Most) ?? 0));
    }

    private static List<BackupJob> ReadJobs(PropertyReader read, JObject plan, string? folder)
    {
        var jobs = new List<BackupJob>();
        foreach (var (job, path) in read.Objects(plan, "jobs"))
        {
            read.RefuseUnknown(job, path + ".", JobProperties);
            var source = read.Text(job, "source", path + ".");
            if (source == null && job["source"] is null)
                read.Problems.Add(new PlanProblem(path + ".source", "it is missing; name the folder to copy"));
            var targets = read.Texts(job, "targets", path + ".");
            if (targets == null && job["targets"] == null)
                read.Problems.Add(
                    new PlanProblem(path + ".targets", "it is missing; name the disks to copy to, as [ \"E:\\\\\" ]")
                );
            jobs.Add(
                new BackupJob
                {
                    Source = source == null ? "" : FullPath(source, folder),
                    Folder = read.Text(job, "folder", path + "."),
                    Include = read.Texts(job, "include", path + ".") ?? Array.Empty<string>(),
                    Exclude = read.Texts(job, "exclude", path + ".") ?? Array.Empty<string>(),
                    Targets = FullPaths(targets, folder),
                }
            );
        }

        return jobs;
    }

    private static ShadowOptions ReadShadow(PropertyReader read, JObject plan)
    {
        var shadow = read.Object(plan, "shadow");
        if (shadow == null)
            return new ShadowOptions();
        read.RefuseUnknown(shadow, "shadow.", ShadowProperties);
        var provider = read.Text(shadow, "provider", "shadow.") ?? "auto";
        if (!Providers.Contains(provider, read.Words))
            read.Problems.Add(
                new PlanProblem(
                    "shadow.provider",
                    "'" + provider + "' is no provider; use one of " + string.Join(", ", Providers)
                )
            );
        var standard = new ShadowOptions();
        return new ShadowOptions
        {
            Provider = provider.ToLowerInvariant(),
            Timeout = TimeSpan.FromMinutes(
                read.Number(shadow, "timeoutMinutes", "shadow.", 1, 24 * 60) ?? standard.Timeout.TotalMinutes
            ),
            Retries = (int)(read.Number(shadow, "retries", "shadow.", 0, 100) ?? standard.Retries),
            RetryDelay = TimeSpan.FromSeconds(
                read.Number(shadow, "retryDelaySeconds", "shadow.", 0, 3600) ?? standard.RetryDelay.TotalSeconds
            ),
        };
    }

    private static PlanCommand? ReadCommand(PropertyReader read, JObject plan, string name, string? folder)
    {
        if (read.Object(plan, name) is not { } json)
            return null;
        read.RefuseUnknown(json, name + ".", CommandProperties);
        var command = read.Text(json, "command", name + ".");
        if (command == null && json["command"] == null)
            read.Problems.Add(new PlanProblem(name + ".command", "it is missing; name the program to call"));
        return new PlanCommand
        {
            Command = command == null ? "" : FullPath(command, folder),
            Arguments = read.Texts(json, "arguments", name + ".") ?? Array.Empty<string>(),
            Timeout = TimeSpan.FromSeconds(
                read.Number(json, "timeoutSeconds", name + ".", 1, 24 * 3600)
                    ?? PlanCommand.StandardTimeout.TotalSeconds
            ),
        };
    }

    private static string[] FullPaths(IReadOnlyList<string>? paths, string? folder) =>
        paths == null ? Array.Empty<string>() : paths.Select(path => FullPath(path, folder)).ToArray();

    // A scheduled task starts anywhere: what a plan names relatively lies beside the plan. Validation names paths that
    // cannot be.
    private static string FullPath(string path, string? folder)
    {
        try
        {
            return path.Length == 0
                ? path
                : PathOf.Full(folder == null || Path.IsPathRooted(path) ? path : Path.Combine(folder, path));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or PathTooLongException)
        {
            return path;
        }
    }

    /// <summary>Takes typed values out of JSON objects and remembers everything that was wrong.</summary>
    private sealed class PropertyReader
    {
        private readonly bool _isExact;

        public PropertyReader(bool isExact) => _isExact = isExact;

        public List<PlanProblem> Problems { get; } = new();

        /// <summary>How words of a choice are compared.</summary>
        public StringComparer Words => _isExact ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

        public void RefuseUnknown(JObject json, string prefix, string[] known)
        {
            foreach (var property in json.Properties())
            {
                if (known.Contains(property.Name))
                    continue;
                var close = known
                    .Where(name => name != "$schema")
                    .OrderBy(name => Distance(name, property.Name))
                    .First();
                var hint =
                    Distance(close, property.Name) <= 1 + close.Length / 3
                        ? "did you mean '" + close + "'?"
                        : "known here are " + string.Join(", ", known.Where(name => name != "$schema"));
                Problems.Add(new PlanProblem(prefix + property.Name, "there is no such property; " + hint));
            }
        }

        public string? Text(JObject json, string name, string prefix) =>
            Value(json, name, prefix, JTokenType.String, "a text in quotes") is { } value ? (string?)value : null;

        public bool? Flag(JObject json, string name, string prefix) =>
            Value(json, name, prefix, JTokenType.Boolean, "true or false") is { } value ? (bool)value : null;

        public long? Number(JObject json, string name, string prefix, long least, long most)
        {
            const string expected = "a whole number";
            // 2.0 and 1e3 are whole numbers as well, in JSON as in its schemas.
            var isFloat = json[name]?.Type == JTokenType.Float;
            if (Value(json, name, prefix, isFloat ? JTokenType.Float : JTokenType.Integer, expected) is not { } value)
                return null;
            try
            {
                if (isFloat && Math.Floor((double)value) != (double)value)
                {
                    Problems.Add(new PlanProblem(prefix + name, "it must be " + expected));
                    return null;
                }

                var number = isFloat ? checked((long)(double)value) : (long)value;
                if (number >= least && number <= most)
                    return number;
            }
            catch (OverflowException) { }

            Problems.Add(
                new PlanProblem(
                    prefix + name,
                    string.Format(CultureInfo.InvariantCulture, "it must be a number from {0} to {1}", least, most)
                )
            );
            return null;
        }

        public IReadOnlyList<string>? Texts(JObject json, string name, string prefix)
        {
            if (Given(json, name, prefix) is not { } token)
                return null;
            if (token.Type == JTokenType.String)
                return new[] { (string)token! };
            if (token is JArray array && array.All(item => item.Type == JTokenType.String))
                return array.Select(item => (string)item!).ToArray();
            Problems.Add(new PlanProblem(prefix + name, "it must be a list of texts, as [ \"…\", \"…\" ]"));
            return null;
        }

        public T Choice<T>(JObject json, string name)
            where T : struct, Enum
        {
            if (Text(json, name, "") is not { } text)
                return default;
            var choices = Enum.GetNames(typeof(T))
                .Select(choice => char.ToLowerInvariant(choice[0]) + choice.Substring(1))
                .ToList();
            if (choices.Contains(text, Words))
                return (T)Enum.Parse(typeof(T), text, true);
            Problems.Add(new PlanProblem(name, "'" + text + "' is not one of " + string.Join(", ", choices)));
            return default;
        }

        public JObject? Object(JObject json, string name) =>
            Value(json, name, "", JTokenType.Object, "an object, as { … }") as JObject;

        public IEnumerable<(JObject Object, string Path)> Objects(JObject json, string name)
        {
            if (Given(json, name, "") is not { } token)
                yield break;
            // One job may stand without the list around it, as a hashtable easily does.
            var items = token is JArray array ? array.ToArray() : new[] { token };
            for (var i = 0; i < items.Length; i++)
            {
                var path = name + "[" + i.ToString(CultureInfo.InvariantCulture) + "]";
                if (items[i] is JObject item)
                    yield return (item, path);
                else
                    Problems.Add(new PlanProblem(path, "it must be an object, as { \"source\": …, \"targets\": … }"));
            }
        }

        private JToken? Value(JObject json, string name, string prefix, JTokenType type, string expected)
        {
            if (Given(json, name, prefix) is not { } token)
                return null;
            if (token.Type == type)
                return token;
            Problems.Add(new PlanProblem(prefix + name, "it must be " + expected));
            return null;
        }

        // Null is no value: whoever wrote it may have meant none, or a file that another program filled in and did not.
        private JToken? Given(JObject json, string name, string prefix)
        {
            if (json[name] is not { Type: JTokenType.Null })
                return json[name];
            var problem = new PlanProblem(prefix + name, "it is null; leave it out, or give it a value");
            if (!Problems.Contains(problem))
                Problems.Add(problem);
            return null;
        }

        // Levenshtein's, without case.
        private static int Distance(string one, string other)
        {
            var row = Enumerable.Range(0, other.Length + 1).ToArray();
            for (var i = 1; i <= one.Length; i++)
            {
                var diagonal = row[0];
                row[0] = i;
                for (var k = 1; k <= other.Length; k++)
                {
                    var cost =
                        char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[k - 1])
                            ? diagonal
                            : diagonal + 1;
                    diagonal = row[k];
                    row[k] = Math.Min(cost, Math.Min(row[k], row[k - 1]) + 1);
                }
            }

            return row[other.Length];
        }
    }
}
