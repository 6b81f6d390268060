using System;
using System.Globalization;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Shadows;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Sets;

/// <summary>Reads and writes set.json, durably, and without believing what it reads.</summary>
internal static class SetStateFile
{
    // More than any run has counted, and far from where adding them up could overflow.
    private const long MostCount = 1L << 52;

    // Some hundred jobs with their patterns are a few dozen KiB.
    private const int MostBytes = 4 * 1024 * 1024;

    public static void Write(IFileSystem files, string setFolder, SetState state) =>
        SmallFiles.Replace(files, SetLayout.StateFileOf(setFolder), Encoding.UTF8.GetBytes(ToJson(state).ToString(Formatting.Indented) + "\n"));

    /// <summary>The state of the set in a folder; null when the folder is no set.</summary>
    /// <exception cref="BackupException">It is damaged, or cannot be read.</exception>
    public static SetState? Read(IFileSystem files, string setFolder)
    {
        if (!SetLayout.RequireReal(files, setFolder) || !SetLayout.RequireReal(files, SetLayout.StateFolderOf(setFolder))) return null;
        var path = SetLayout.StateFileOf(setFolder);
        var entry = files.Find(path);
        if (entry == null) return null;
        if (entry.Kind != EntryKind.File) throw Damaged(path, "it is not a file");
        var text = Encoding.UTF8.GetString(SmallFiles.Read(files, path, MostBytes));
        try
        {
            using var reader = new JsonTextReader(new System.IO.StringReader(text)) { DateParseHandling = DateParseHandling.None, MaxDepth = 16 };
            // Of two properties with one name nobody can say which is meant, and after its end there is nothing.
            var json = JObject.Load(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
            if (reader.Read() || text.IndexOf('\0') >= 0) throw Damaged(path, "something follows its end");
            return FromJson(json, path);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidCastException or OverflowException)
        {
            throw Damaged(path, "it is no set state: " + e.Message);
        }
    }

    private static JObject ToJson(SetState state) => new()
    {
        ["schema"] = state.Schema,
        ["plan"] = state.Plan,
        ["set"] = state.Set,
        ["runId"] = state.RunId.ToString("D"),
        ["sequence"] = state.Sequence,
        ["state"] = state.State == SetCondition.Complete ? "complete" : "writing",
        ["started"] = Time(state.Started),
        ["completed"] = state.Completed == null ? null : Time(state.Completed.Value),
        ["host"] = state.Host,
        ["provider"] = state.Provider,
        ["consistency"] = Name(state.Consistency),
        ["targets"] = new JArray(state.Targets),
        ["blocksFrom"] = state.BlocksFrom == Guid.Empty ? "" : state.BlocksFrom.ToString("D"),
        ["jobs"] = new JArray(state.Jobs.Select(job => new JObject
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
            ["manifestBytes"] = job.ManifestBytes,
            ["manifestSha256"] = job.ManifestSha256,
        })),
        ["abandoned"] = new JArray(state.Abandoned),
        ["disks"] = new JArray(state.Disks.Select(disk => new JObject { ["file"] = disk.File, ["condition"] = Name(disk.Condition), ["problem"] = disk.Problem })),
        ["warnings"] = new JArray(state.Warnings),
    };

    private static SetState FromJson(JObject json, string path)
    {
        var schema = (int?)json["schema"] ?? throw Damaged(path, "it has no schema");
        if (schema > SetState.CurrentSchema)
            throw new BackupException(new Failure(FailureKind.NotSupported, path, "read the state of the set", "its schema is " + schema + "; this program knows " + SetState.CurrentSchema) { Advice = "A newer version wrote this set: use that one, or other set names." });
        if (schema != SetState.CurrentSchema) throw Damaged(path, "its schema is " + schema + "; this program knows " + SetState.CurrentSchema);
        var state = new SetState
        {
            Schema = schema,
            Plan = Text(json, "plan", path),
            Set = Text(json, "set", path),
            RunId = Guid.Parse(Text(json, "runId", path)),
            Sequence = Count(json, "sequence", path),
            State = Text(json, "state", path) switch
            {
                "complete" => SetCondition.Complete,
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
            Jobs = ((JArray?)json["jobs"] ?? throw Damaged(path, "it has no jobs")).Select(job => ReadJob((JObject)job, path)).ToArray(),
            Abandoned = Texts(json, "abandoned"),
            Disks = json["disks"] is JArray disks ? disks.Select(disk => ReadDisk((JObject)disk, path)).ToArray() : Array.Empty<DiskFinding>(),
            Warnings = Texts(json, "warnings"),
        };
        if (FolderNames.WhyNot(state.Set) is { } why) throw Damaged(path, "its name cannot be a set's: " + why);
        var leaf = PathOf.Leaf(PathOf.Parent(PathOf.Parent(path)!)!);
        // A set that is unfinished and gets another name has that name before it says so.
        if (state.State == SetCondition.Writing && leaf.StartsWith(SetLayout.Prefix, StringComparison.OrdinalIgnoreCase)) state = state with { Set = leaf.Substring(SetLayout.Prefix.Length) };
        if (!string.Equals(leaf, SetLayout.Prefix + state.Set, StringComparison.OrdinalIgnoreCase)) throw Damaged(path, "it says it is " + state.Set + ", in the folder " + leaf);
        if (state.Jobs.Select(job => job.Folder).Distinct(StringComparer.OrdinalIgnoreCase).Count() != state.Jobs.Count) throw Damaged(path, "two of its jobs have one folder");
        return state;
    }

    private static SetJob ReadJob(JObject job, string path)
    {
        var folder = Text(job, "folder", path);
        if (FolderNames.WhyNot(folder) is { } why) throw Damaged(path, "the folder '" + folder + "' cannot be one of a set: " + why);
        return new SetJob
        {
            Source = Text(job, "source", path),
            Folder = folder,
            Include = Texts(job, "include"),
            Exclude = Texts(job, "exclude"),
            MachineId = (string?)job["machineId"] ?? "",
            Machine = (string?)job["machine"] ?? "",
            Capture = (string?)job["capture"] ?? "",
            KeptFrom = RunOf(job, "keptFrom"),
            Files = Count(job, "files", path),
            Bytes = Count(job, "bytes", path),
            ManifestBytes = Count(job, "manifestBytes", path),
            ManifestSha256 = (string?)job["manifestSha256"] ?? "",
        };
    }

    private static DiskFinding ReadDisk(JObject disk, string path) => new()
    {
        File = Text(disk, "file", path),
        Condition = Parse<DiskCondition>(Text(disk, "condition", path), "disk's condition", path),
        Problem = Text(disk, "problem", path),
    };

    private static Guid RunOf(JObject json, string name) => (string?)json[name] is { Length: > 0 } run ? Guid.Parse(run) : Guid.Empty;

    private static string Text(JObject json, string name, string path) => (string?)json[name] ?? throw Damaged(path, "it has no " + name);

    private static string[] Texts(JObject json, string name) => json[name] is JArray array ? array.Select(item => (string?)item ?? "").ToArray() : Array.Empty<string>();

    private static long Count(JObject json, string name, string path) =>
        (long?)json[name] is { } count and >= 0 and <= MostCount ? count : throw Damaged(path, "its " + name + " is no count");

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static T Parse<T>(string name, string what, string path)
        where T : struct, Enum => Enum.TryParse<T>(name, true, out var value) && Name(value) == name ? value : throw Damaged(path, "its " + what + " is '" + name + "'");

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private static BackupException Damaged(string path, string why) => new(FailureKind.StateDamaged, path, "read the state of the set", why);
}
