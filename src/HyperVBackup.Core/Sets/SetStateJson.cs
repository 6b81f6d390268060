using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Sets;

/// <summary>The properties of set.json: which they are, and what each must be.</summary>
internal static class SetStateJson
{
    /// <summary>A state as JSON, without its checksum.</summary>
    public static JObject Write(SetState state) =>
        new()
        {
            ["schema"] = state.Schema,
            ["plan"] = state.Plan,
            ["set"] = state.Set,
            ["runId"] = state.RunId.ToString("D"),
            ["sequence"] = state.Sequence,
            ["state"] = state.State switch
            {
                SetCondition.Complete => "complete",
                SetCondition.Partial => "partial",
                _ => "writing",
            },
            ["started"] = Time(state.Started),
            ["completed"] = state.Completed == null ? null : Time(state.Completed.Value),
            ["host"] = state.Host,
            ["provider"] = state.Provider,
            ["consistency"] = Name(state.Consistency),
            ["targets"] = new JArray(state.Targets),
            ["blocksFrom"] = state.BlocksFrom == Guid.Empty ? "" : state.BlocksFrom.ToString("D"),
            ["jobs"] = new JArray(
                state.Jobs.Select(job =>
                    new JObject
                    {
                        ["source"] = job.Source,
                        ["folder"] = job.Folder,
                        ["include"] = new JArray(job.Include),
                        ["exclude"] = new JArray(job.Exclude),
                        ["machineId"] = job.MachineId,
                        ["machine"] = job.Machine,
                        ["capture"] = job.Capture,
                        ["keptFrom"] = job.KeptFrom == Guid.Empty ? "" : job.KeptFrom.ToString("D"),
                        ["files"] = job.Files,
                        ["bytes"] = job.Bytes,
                        ["missingCount"] = job.MissingCount,
                        ["manifestBytes"] = job.ManifestBytes,
                        ["manifestSha256"] = job.ManifestSha256,
                    }
                        .WithNames("mountPoints", job.MountPoints)
                        .WithBytesOf("source", job.Source)
                )
            ),
            ["abandoned"] = new JArray(state.Abandoned),
            ["abandonedMachines"] = new JArray(
                state.AbandonedMachines.Select(machine => new JObject
                {
                    ["folder"] = machine.Key,
                    ["machineId"] = machine.Value,
                })
            ),
            ["disksLeftOut"] = state.DisksLeftOut,
            ["disks"] = new JArray(
                state.Disks.Select(disk => new JObject
                {
                    ["file"] = disk.File,
                    ["condition"] = Name(disk.Condition),
                    ["problem"] = disk.Problem,
                })
            ),
            ["missing"] = new JArray(
                state.Missing.Select(missing => new JObject { ["file"] = missing.File, ["problem"] = missing.Problem })
            ),
            ["warningsLeftOut"] = state.WarningsLeftOut,
            ["warnings"] = new JArray(state.Warnings),
        };

    /// <summary>What JSON says; nothing in it is believed before it was looked at.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="path">Where it was read, for messages and for the name of a set that is being renamed.</param>
    /// <exception cref="BackupException">It is no state of ours, or one of a newer version.</exception>
    public static SetState Read(JObject json, string path)
    {
        var schema = json["schema"] is { Type: JTokenType.Integer } number
            ? (int)number
            : throw SetStateFile.Damaged(path, "it has no schema");
        if (schema > SetState.CurrentSchema)
            throw new BackupException(
                new Failure(
                    FailureKind.NotSupported,
                    path,
                    "read the state of the set",
                    "its schema is " + schema + "; this program knows " + SetState.CurrentSchema
                )
                {
                    Advice = "A newer version wrote this set: use that one, or other set names.",
                }
            );
        if (schema != SetState.CurrentSchema)
            throw SetStateFile.Damaged(
                path,
                "its schema is " + schema + "; this program knows " + SetState.CurrentSchema
            );
        var state = new SetState
        {
            Schema = schema,
            Plan = Text(json, "plan", path),
            Set = Text(json, "set", path),
            RunId = Guid.Parse(Text(json, "runId", path)),
            Sequence = Count(json, "sequence", path, long.MaxValue),
            State = Text(json, "state", path) switch
            {
                "complete" => SetCondition.Complete,
                "partial" => SetCondition.Partial,
                "writing" => SetCondition.Writing,
                var other => throw SetStateFile.Damaged(path, "its state is '" + other + "'"),
            },
            Started = Time(Text(json, "started", path)),
            Completed = (string?)json["completed"] is { } completed ? Time(completed) : null,
            Host = Text(json, "host", path),
            Provider = Text(json, "provider", path),
            Consistency = Parse<Consistency>(Text(json, "consistency", path), "consistency", path),
            Targets = Texts(json, "targets"),
            BlocksFrom = RunOf(json, "blocksFrom"),
            Jobs = ((JArray?)json["jobs"] ?? throw SetStateFile.Damaged(path, "it has no jobs"))
                .Select(job => ReadJob((JObject)job, path))
                .ToArray(),
            Abandoned = Texts(json, "abandoned"),
            DisksLeftOut = json["disksLeftOut"] == null ? 0 : Count(json, "disksLeftOut", path),
            WarningsLeftOut = json["warningsLeftOut"] == null ? 0 : Count(json, "warningsLeftOut", path),
            AbandonedMachines = ReadAbandoned(json, path),
            Disks = json["disks"] is JArray disks
                ? disks.Select(disk => ReadDisk((JObject)disk, path)).ToArray()
                : Array.Empty<DiskFinding>(),
            Missing = json["missing"] is JArray missing
                ? missing
                    .Select(item => new MissingFile
                    {
                        File = Text((JObject)item, "file", path),
                        Problem = Text((JObject)item, "problem", path),
                    })
                    .ToArray()
                : Array.Empty<MissingFile>(),
            Warnings = Texts(json, "warnings"),
        };
        if (FolderNames.WhyNot(state.Set) is { } why)
            throw SetStateFile.Damaged(path, "its name cannot be a set's: " + why);
        var leaf = PathOf.Leaf(PathOf.Parent(PathOf.Parent(path)!)!);
        // A set that is unfinished and gets another name has that name before it says so.
        if (
            state.State == SetCondition.Writing
            && leaf.StartsWith(SetLayout.Prefix, StringComparison.OrdinalIgnoreCase)
        )
            state = state with { Set = leaf.Substring(SetLayout.Prefix.Length) };
        if (state.Jobs.Select(job => job.Folder).Distinct(StringComparer.OrdinalIgnoreCase).Count() != state.Jobs.Count)
            throw SetStateFile.Damaged(path, "two of its jobs have one folder");
        return state;
    }

    private static SetJob ReadJob(JObject job, string path)
    {
        var folder = Text(job, "folder", path);
        if (FolderNames.WhyNot(folder) is { } why)
            throw SetStateFile.Damaged(path, "the folder '" + folder + "' cannot be one of a set: " + why);
        return new SetJob
        {
            Source = NameBytes.Read(job, "source") ?? Text(job, "source", path),
            Folder = folder,
            Include = Texts(job, "include"),
            Exclude = Texts(job, "exclude"),
            MachineId = (string?)job["machineId"] ?? "",
            Machine = (string?)job["machine"] ?? "",
            Capture = (string?)job["capture"] ?? "",
            KeptFrom = RunOf(job, "keptFrom"),
            Files = Count(job, "files", path),
            Bytes = Count(job, "bytes", path),
            MissingCount = job["missingCount"] == null ? 0 : Count(job, "missingCount", path),
            ManifestBytes = Count(job, "manifestBytes", path),
            ManifestSha256 = (string?)job["manifestSha256"] ?? "",
            MountPoints = Texts(job, "mountPoints")
                .Concat(NameBytes.ReadOthers(job, "mountPoints"))
                .Where(RelativePaths.IsSafe)
                .ToArray(),
        };
    }

    private static Dictionary<string, string> ReadAbandoned(JObject json, string path)
    {
        var machines = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (json["abandonedMachines"] is not JArray abandoned)
            return machines;
        foreach (var machine in abandoned)
            machines[Text((JObject)machine, "folder", path)] = Text((JObject)machine, "machineId", path);
        return machines;
    }

    private static DiskFinding ReadDisk(JObject disk, string path) =>
        new()
        {
            File = Text(disk, "file", path),
            Condition = Parse<DiskCondition>(Text(disk, "condition", path), "disk's condition", path),
            Problem = Text(disk, "problem", path),
        };

    private static Guid RunOf(JObject json, string name) =>
        (string?)json[name] is { Length: > 0 } run ? Guid.Parse(run) : Guid.Empty;

    private static string Text(JObject json, string name, string path) =>
        json[name] is { Type: JTokenType.String } text
            ? (string)text!
            : throw SetStateFile.Damaged(
                path,
                json[name] == null ? "it has no " + name : "its " + name + " is no text"
            );

    private static string[] Texts(JObject json, string name) =>
        json[name] is JArray array ? array.Select(item => (string?)item ?? "").ToArray() : Array.Empty<string>();

    // A number with a fraction, or in quotes, was not written by us.
    private static long Count(JObject json, string name, string path, long most = SetStateLimits.MostCount) =>
        json[name] is { Type: JTokenType.Integer } token && (long)token is var count && count >= 0 && count <= most
            ? count
            : throw SetStateFile.Damaged(path, "its " + name + " is no count");

    /// <summary>A word of an enumeration as it stands in the file.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static T Parse<T>(string name, string what, string path)
        where T : struct, Enum =>
        Enum.TryParse<T>(name, true, out var value) && Name(value) == name
            ? value
            : throw SetStateFile.Damaged(path, "its " + what + " is '" + name + "'");

    private static string Time(DateTime utc) =>
        utc.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) =>
        DateTime.Parse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal
        );
}
