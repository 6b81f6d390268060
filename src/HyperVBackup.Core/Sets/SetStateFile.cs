using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
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
        var bytes = SetStateSeal.Close(SetStateJson.Write(fitting));
        RequireReadable(bytes, path);
        WriteWhole(
            files,
            setFolder,
            SetLayout.DisksFile,
            state.Disks,
            fitting.DisksLeftOut,
            disk => disk.File + ": " + SetStateJson.Name(disk.Condition) + ": " + disk.Problem
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
            var state = SetStateJson.Read(json, path);
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

        if (doubt != null || !SetStateSeal.Close(SetStateJson.Write(back)).SequenceEqual(bytes))
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

    /// <summary>The failure that a set.json is not what it must be.</summary>
    internal static BackupException Damaged(string path, string why) =>
        new(FailureKind.StateDamaged, path, "read the state of the set", why);

    private static BackupException Unwritable(string path, string why, string advice) =>
        new(new Failure(FailureKind.NotSupported, path, "write the state of the set", why) { Advice = advice });
}
