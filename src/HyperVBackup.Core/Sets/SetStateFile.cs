using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Sets;

/// <summary>Reads and writes set.json, durably, and without believing what it reads.</summary>
internal static class SetStateFile
{
    /// <summary>
    /// Writes it. What is written has been read back before it gets its name: a run must not say "complete" in a file
    /// that the next one refuses.
    /// Lists that are too long for it are cut, and stand whole beside it.
    /// </summary>
    /// <exception cref="BackupException">It cannot be written, or what the plan asks for does not fit.</exception>
    public static void Write(IFileSystem files, string setFolder, SetState state)
    {
        var path = SetLayout.StateFileOf(setFolder);
        var fitting = SetStateFit.Fit(state);
        var bytes = SetStateSeal.Close(ToJson(fitting));
        RequireReadable(bytes, path);
        WriteWhole(
            files,
            setFolder,
            SetLayout.DisksFile,
            state.Disks,
            fitting.DisksLeftOut,
            disk => disk.File + ": " + Name(disk.Condition) + ": " + disk.Problem
        );
        WriteWhole(
            files,
            setFolder,
            SetLayout.WarningsFile,
            state.Warnings,
            fitting.WarningsLeftOut,
            warning => warning
        );
        SmallFiles.Replace(files, path, bytes);
    }

    /// <summary>The state of the set in a folder; null when the folder is no set.</summary>
    /// <exception cref="BackupException">It is damaged, or cannot be read.</exception>
    public static SetState? Read(IFileSystem files, string setFolder)
    {
        var state = Look(files, setFolder, out var doubt);
        return doubt == null ? state : throw new BackupException(doubt);
    }

    /// <summary>
    /// The same of a file that makes sense and may not be relied on: it tells at least whose set it is.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="setFolder">The set's folder.</param>
    /// <param name="doubt">Why it may not be relied on; null when it may.</param>
    /// <exception cref="BackupException">It makes no sense, or cannot be read.</exception>
    public static SetState? Look(IFileSystem files, string setFolder, out Failure? doubt)
    {
        doubt = null;
        if (
            !SetLayout.RequireReal(files, setFolder)
            || !SetLayout.RequireReal(files, SetLayout.StateFolderOf(setFolder))
        )
            return null;
        var path = SetLayout.StateFileOf(setFolder);
        var entry = files.Find(path);
        if (entry == null)
            return null;
        if (entry.Kind != EntryKind.File)
            throw Damaged(path, "it is not a file");
        var state = Parse(SmallFiles.Read(files, path, SetStateLimits.MostBytes), path, out var why);
        if (why != null)
            doubt = Damaged(path, why).Failure;
        else if (!IsNamed(state, setFolder))
            doubt = Damaged(
                path,
                "it says that it is " + state.Set + ", in the folder " + PathOf.Leaf(setFolder)
            ).Failure with
            {
                Advice = HowToName(state),
            };
        return state;
    }

    private static SetState Parse(byte[] bytes, string path, out string? doubt)
    {
        var text = Encoding.UTF8.GetString(bytes);
        try
        {
            using var reader = new JsonTextReader(new System.IO.StringReader(text))
            {
                DateParseHandling = DateParseHandling.None,
                MaxDepth = 16,
            };
            // Of two properties with one name nobody can say which is meant, and after its end there is nothing.
            var json = JObject.Load(
                reader,
                new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error }
            );
            if (reader.Read() || text.IndexOf('\0') >= 0)
                throw Damaged(path, "something follows its end");
            var state = FromJson(json, path);
            doubt =
                !SetStateSeal.Holds(bytes, json)
                    ? "it does not have its checksum: it has rotted, or somebody has edited it"
                : state.Sequence > SetStateLimits.MostSequence
                    ? "its sequence " + state.Sequence + " is one that no counting of runs reaches"
                : null;
            return state;
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or FormatException
                        or ArgumentException
                        or InvalidCastException
                        or OverflowException
            )
        {
            throw Damaged(path, "it is no set state: " + e.Message);
        }
    }

    private static void RequireReadable(byte[] bytes, string path)
    {
        if (bytes.Length > SetStateLimits.MostBytes)
            throw Unwritable(
                path,
                "it would take " + bytes.Length + " bytes, and no more than " + SetStateLimits.MostBytes + " are read",
                "Give the plan fewer or shorter patterns, or make several plans of it."
            );
        SetState back;
        string? doubt;
        try
        {
            back = Parse(bytes, path, out doubt);
        }
        catch (BackupException e)
        {
            throw Unwritable(path, e.Failure.Cause, "This is a defect. Please report it with the log of the run.");
        }

        if (doubt != null || !SetStateSeal.Close(ToJson(back)).SequenceEqual(bytes))
            throw Unwritable(
                path,
                doubt ?? "it would be read as something else",
                "This is a defect. Please report it with the log of the run."
            );
    }

    private static void WriteWhole<T>(
        IFileSystem files,
        string setFolder,
        string name,
        IReadOnlyList<T> list,
        long leftOut,
        Func<T, string> lineOf
    )
    {
        var path = PathOf.Join(SetLayout.StateFolderOf(setFolder), name);
        if (leftOut > 0 && list.Count >= leftOut)
            SmallFiles.Replace(
                files,
                path,
                Encoding.UTF8.GetBytes(
                    string.Concat(list.Select(item => lineOf(item).Replace("\r", "\\r").Replace("\n", "\\n") + "\n"))
                )
            );
        else if (leftOut == 0 && files.Find(path) is { Kind: EntryKind.File })
            files.DeleteFile(path);
    }

    /// <summary>Whether a folder is somebody's copy of a set beside it, as Explorer's "Backup-SetA - Copy".</summary>
    public static bool IsCopy(SetState state, string setFolder) =>
        PathOf.Leaf(setFolder).StartsWith(SetLayout.Prefix + state.Set + " ", StringComparison.OrdinalIgnoreCase);

    private static bool IsNamed(SetState state, string setFolder) =>
        string.Equals(PathOf.Leaf(setFolder), SetLayout.Prefix + state.Set, StringComparison.OrdinalIgnoreCase);

    private static string HowToName(SetState state) =>
        "Nothing but its folder's name is wrong: it is a copy of a set, or a set that was renamed. Name the folder "
        + SetLayout.Prefix
        + state.Set
        + ", on a target that has none of that name, to verify it and to restore from it.";

    private static JObject ToJson(SetState state) =>
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

    private static SetState FromJson(JObject json, string path)
    {
        var schema = json["schema"] is { Type: JTokenType.Integer } number
            ? (int)number
            : throw Damaged(path, "it has no schema");
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
            throw Damaged(path, "its schema is " + schema + "; this program knows " + SetState.CurrentSchema);
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
                var other => throw Damaged(path, "its state is '" + other + "'"),
            },
            Started = Time(Text(json, "started", path)),
            Completed = (string?)json["completed"] is { } completed ? Time(completed) : null,
            Host = Text(json, "host", path),
            Provider = Text(json, "provider", path),
            Consistency = Parse<Consistency>(Text(json, "consistency", path), "consistency", path),
            Targets = Texts(json, "targets"),
            BlocksFrom = RunOf(json, "blocksFrom"),
            Jobs = ((JArray?)json["jobs"] ?? throw Damaged(path, "it has no jobs"))
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
            throw Damaged(path, "its name cannot be a set's: " + why);
        var leaf = PathOf.Leaf(PathOf.Parent(PathOf.Parent(path)!)!);
        // A set that is unfinished and gets another name has that name before it says so.
        if (
            state.State == SetCondition.Writing
            && leaf.StartsWith(SetLayout.Prefix, StringComparison.OrdinalIgnoreCase)
        )
            state = state with { Set = leaf.Substring(SetLayout.Prefix.Length) };
        if (state.Jobs.Select(job => job.Folder).Distinct(StringComparer.OrdinalIgnoreCase).Count() != state.Jobs.Count)
            throw Damaged(path, "two of its jobs have one folder");
        return state;
    }

    private static SetJob ReadJob(JObject job, string path)
    {
        var folder = Text(job, "folder", path);
        if (FolderNames.WhyNot(folder) is { } why)
            throw Damaged(path, "the folder '" + folder + "' cannot be one of a set: " + why);
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
            : throw Damaged(path, json[name] == null ? "it has no " + name : "its " + name + " is no text");

    private static string[] Texts(JObject json, string name) =>
        json[name] is JArray array ? array.Select(item => (string?)item ?? "").ToArray() : Array.Empty<string>();

    // A number with a fraction, or in quotes, was not written by us.
    private static long Count(JObject json, string name, string path, long most = SetStateLimits.MostCount) =>
        json[name] is { Type: JTokenType.Integer } token && (long)token is var count && count >= 0 && count <= most
            ? count
            : throw Damaged(path, "its " + name + " is no count");

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static T Parse<T>(string name, string what, string path)
        where T : struct, Enum =>
        Enum.TryParse<T>(name, true, out var value) && Name(value) == name
            ? value
            : throw Damaged(path, "its " + what + " is '" + name + "'");

    private static string Time(DateTime utc) =>
        utc.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) =>
        DateTime.Parse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal
        );

    private static BackupException Damaged(string path, string why) =>
        new(FailureKind.StateDamaged, path, "read the state of the set", why);

    private static BackupException Unwritable(string path, string why, string advice) =>
        new(new Failure(FailureKind.NotSupported, path, "write the state of the set", why) { Advice = advice });
}
