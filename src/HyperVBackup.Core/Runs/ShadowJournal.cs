using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Json;
using HyperVBackup.Shadows;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Runs;

/// <summary>
/// The journal in the state folder: one file for each shadow set, replaced atomically and durable before a member
/// returns.
/// </summary>
internal sealed class ShadowJournal : IShadowJournal
{
    private const int MostBytes = 1024 * 1024;
    private readonly IFileSystem _files;
    private readonly StateFolder _folder;

    public ShadowJournal(IFileSystem files, StateFolder folder)
    {
        _files = files;
        _folder = folder;
    }

    public void Intend(JournalEntry entry)
    {
        Trees.Create(_files, _folder.Shadows, true);
        Update(entry);
    }

    public void Update(JournalEntry entry) =>
        SmallFiles.Replace(
            _files,
            FileOf(entry.Id),
            Encoding.UTF8.GetBytes(PlainJson.AsNamed.ToToken(entry).ToString(Formatting.Indented) + "\n"),
            MostBytes
        );

    public void Forget(Guid id)
    {
        if (_files.Find(FileOf(id)) == null)
            return;
        _files.DeleteFile(FileOf(id));
        _files.FlushFolder(_folder.Shadows);
    }

    public IReadOnlyList<JournalEntry> Entries()
    {
        if (_files.Find(_folder.Shadows) == null)
            return Array.Empty<JournalEntry>();
        return _files
            .List(_folder.Shadows)
            .Where(JournalTrust.IsEntry)
            .Select(entry => Read(PathOf.Join(_folder.Shadows, entry.Name)))
            .OfType<JournalEntry>()
            .OrderBy(entry => entry.Created)
            .ToList();
    }

    private JournalEntry? Read(string path)
    {
        try
        {
            using var reader = new JsonTextReader(
                new StringReader(
                    Encoding.UTF8.GetString(
                        SmallFiles.Read(_files, path, MostBytes, opened => RequireOurs(path, opened))
                    )
                )
            )
            {
                MaxDepth = 16,
            };
            var entry = PlainJsonReader.AsNamed.Read<JournalEntry>(JObject.Load(reader));
            return IsWhole(entry) ? entry : throw Damaged(path, "something is missing in it", null);
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
            throw Damaged(path, e.Message, e);
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.FileMissing)
        {
            return null; // Forgotten by its owner since the folder was listed.
        }
        catch (BackupException e) when (e.Failure.Kind == FailureKind.InsecurePermissions)
        {
            return null; // Leftovers tells of it.
        }
    }

    private void RequireOurs(string path, FileEntry opened)
    {
        if (JournalTrust.Problem(_files, path, opened) is { } problem)
            throw new BackupException(problem);
    }

    // The reader takes what is missing for null, whatever the type says.
    private static bool IsWhole(JournalEntry entry) =>
        entry is { Provider: not null, Owner.Host: not null, Snapshots: not null, Exposures: not null }
        && entry.Snapshots.All(snapshot =>
            snapshot is { Volume: not null, Root: not null, Aliases: not null }
            && snapshot.Aliases.All(alias => alias is { Path: not null, Root: not null })
        )
        && entry.Exposures.All(exposure => exposure?.Path != null);

    private static BackupException Damaged(string path, string why, Exception? inner) =>
        new(
            new Failure(FailureKind.StateDamaged, path, "read the journal", why)
            {
                Advice = "Make sure with Get-HvShadowSet that no shadow copy of ours is left, then delete the file.",
            },
            inner
        );

    private string FileOf(Guid id) => PathOf.Join(_folder.Shadows, id.ToString("D") + ".json");
}
