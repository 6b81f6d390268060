using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;

namespace HyperVBackup.Shadows;

/// <summary>
/// What the providers off VSS share: a shadow copy is a folder somewhere, known to the journal before it exists, and
/// exposed by a symbolic link.
/// </summary>
public abstract class FolderProvider : IShadowProvider
{
    private readonly IShadowJournal _journal;
    private readonly IClock _clock;

    private protected FolderProvider(IFileSystem files, IShadowJournal journal, IClock clock)
    {
        Files = files;
        _journal = journal;
        _clock = clock;
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract Consistency Consistency { get; }

    private protected IFileSystem Files { get; }

    /// <inheritdoc/>
    public string? WhyNot(IReadOnlyList<string> folders) => WhyNot(folders, true);

    /// <summary>The same, with or without trying; see <see cref="Refusal"/>.</summary>
    internal string? WhyNot(IReadOnlyList<string> folders, bool tries) =>
        Refusal(folders, tries) is { } failure ? failure.Target + ": " + failure.Cause : null;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> NotHeld(IReadOnlyList<ShadowSource> sources) => Array.Empty<string>();

    /// <inheritdoc/>
    public IShadowSession Create(ShadowRequest request, CancellationToken cancel)
    {
        if (request.VirtualMachines.Count > 0)
            throw new BackupException(
                FailureKind.ProviderUnavailable,
                Name,
                "capture virtual machines",
                "only VSS can ask the Hyper-V writer"
            );
        var created = _clock.UtcNow;
        var missing = NotHeld(request.Sources).Select(gap => gap + ".").ToArray();
        var entry = new JournalEntry
        {
            Id = request.Id,
            SetId = request.Id,
            Provider = Name,
            Persistent = request.Persistent,
            Created = created,
            Snapshots = Plan(request).ToArray(),
            Owner = JournalOwner.Current,
        };
        _journal.Intend(entry);
        try
        {
            cancel.ThrowIfCancellationRequested();
            var frozen = Freeze(request, entry.Snapshots, cancel);
            if (request.Persistent || !ReferenceEquals(frozen, entry.Snapshots))
                _journal.Update(entry = entry with { Snapshots = frozen, Kept = request.Persistent });
        }
        catch
        {
            Clean(entry);
            throw;
        }

        return new Session(this, entry, missing, LiveOf);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Shadow> Query() =>
        _journal.Entries().Where(entry => entry.Provider == Name).SelectMany(ShadowsOf).ToList();

    /// <inheritdoc/>
    public Shadow Expose(Shadow shadow, string where)
    {
        var entry = EntryOf(shadow);
        if (entry.Exposures.FirstOrDefault(exposure => exposure.SnapshotId == shadow.Id) is { } existing)
            throw new BackupException(
                new Failure(
                    FailureKind.ExposeFailed,
                    where,
                    "expose the shadow copy of " + shadow.Volume,
                    "it is exposed at " + existing.Path + " already"
                )
                {
                    Advice = "Use it there, or take it away first with Dismount-HvShadow.",
                }
            );
        var path = PathOf.Full(where);
        var there = Files.Find(path);
        if (there != null && (there.Kind != EntryKind.Folder || Files.List(path).Count > 0))
            throw new BackupException(
                FailureKind.ExposeFailed,
                path,
                "expose the shadow copy of " + shadow.Volume,
                there.Kind == EntryKind.Folder ? "the folder is not empty" : "it is not a folder"
            );
        // A link takes the place of the folder; which is put back when it goes.
        _journal.Update(
            entry with
            {
                Exposures = entry
                    .Exposures.Concat(new[] { new JournalExposure(shadow.Id, path, there == null) })
                    .ToArray(),
            }
        );
        if (there != null)
            Files.DeleteFolder(path);
        else if (PathOf.Parent(path) is { } parent)
            Trees.Create(Files, parent, false);
        try
        {
            Files.CreateLink(
                path,
                new FileEntry
                {
                    Name = PathOf.Leaf(path),
                    Kind = EntryKind.Link,
                    LinkTarget = shadow.Root,
                    LinkKind = LinkKind.SymbolicFolder,
                }
            );
        }
        catch
        {
            _journal.Update(entry);
            if (there != null)
                Files.CreateFolder(path, false);
            throw;
        }

        return shadow with
        {
            ExposedAt = path,
        };
    }

    /// <inheritdoc/>
    public void Unexpose(Shadow shadow)
    {
        var entry = EntryOf(shadow);
        foreach (var exposure in entry.Exposures.Where(exposure => exposure.SnapshotId == shadow.Id))
            RemoveExposure(entry, exposure);
        _journal.Update(
            entry with
            {
                Exposures = entry.Exposures.Where(exposure => exposure.SnapshotId != shadow.Id).ToArray(),
            }
        );
    }

    /// <inheritdoc/>
    public void Delete(Shadow shadow)
    {
        Unexpose(shadow);
        var entry = EntryOf(shadow);
        foreach (var snapshot in entry.Snapshots.Where(snapshot => snapshot.Id == shadow.Id))
            Thaw(snapshot);
        var left = entry.Snapshots.Where(snapshot => snapshot.Id != shadow.Id).ToArray();
        if (left.Length == 0)
            _journal.Forget(entry.Id);
        else
            _journal.Update(entry with { Snapshots = left });
    }

    /// <inheritdoc/>
    public IReadOnlyList<Failure> Clean(JournalEntry entry)
    {
        var left = new List<Failure>();
        foreach (var exposure in entry.Exposures)
            Try(left, exposure.Path, () => RemoveExposure(entry, exposure));
        foreach (var snapshot in entry.Snapshots)
            Try(left, snapshot.Root, () => Thaw(snapshot));
        if (left.Count == 0)
            Try(left, entry.Id.ToString("D"), () => _journal.Forget(entry.Id));
        return left;
    }

    /// <summary>
    /// Why it cannot freeze these folders, as a failure with its own kind and advice; null when it can. Leaves nothing
    /// changed.
    /// </summary>
    /// <param name="folders">The folders.</param>
    /// <param name="tries">Whether small things may be made, and removed, beside them for proof; otherwise what is
    /// known of their volumes must do.</param>
    internal abstract Failure? Refusal(IReadOnlyList<string> folders, bool tries);

    /// <summary>What will be frozen, and where it will be read. Changes nothing.</summary>
    private protected abstract IReadOnlyList<JournalSnapshot> Plan(ShadowRequest request);

    /// <summary>Freezes what was planned, once the journal knows it.</summary>
    /// <returns>The same, or with what is known of it by now.</returns>
    private protected abstract IReadOnlyList<JournalSnapshot> Freeze(
        ShadowRequest request,
        IReadOnlyList<JournalSnapshot> snapshots,
        CancellationToken cancel
    );

    /// <summary>Of what was frozen last: as <see cref="ICloneSession.LiveOf"/>.</summary>
    private protected virtual Func<FileEntry, FileEntry?>? LiveOf => null;

    /// <summary>Removes what was frozen, whole or half made; nothing there is no failure.</summary>
    private protected abstract void Thaw(JournalSnapshot snapshot);

    /// <summary>A plan of one shadow copy for each source.</summary>
    private protected static IReadOnlyList<JournalSnapshot> EachSource(
        ShadowRequest request,
        Func<ShadowSource, Guid, string> place
    ) => request.Sources.Select(source => NewSnapshot(source, place)).ToList();

    private static JournalSnapshot NewSnapshot(ShadowSource source, Func<ShadowSource, Guid, string> place)
    {
        var id = Guid.NewGuid();
        return new JournalSnapshot(id, source.Path, place(source, id));
    }

    private static void Try(List<Failure> left, string what, Action remove)
    {
        try
        {
            remove();
        }
        catch (BackupException e)
        {
            left.Add(
                e.Failure.Kind == FailureKind.LeftoverRemains
                    ? e.Failure
                    : new Failure(FailureKind.LeftoverRemains, what, "remove the shadow copy", e.Failure.Message)
                    {
                        NativeCode = e.Failure.NativeCode,
                    }
            );
        }
    }

    // Only a link that leads to one of the entry's shadow copies is ours; whatever else stands there by now is left
    // alone.
    private void RemoveExposure(JournalEntry entry, JournalExposure exposure)
    {
        var there = Files.Find(exposure.Path);
        if (there is { Kind: EntryKind.Link } && entry.Snapshots.Any(snapshot => snapshot.Root == there.LinkTarget))
        {
            Files.DeleteFile(exposure.Path);
            there = null;
        }

        if (
            there == null
            && !exposure.CreatedFolder
            && PathOf.Parent(exposure.Path) is { } parent
            && Files.Find(parent) != null
        )
            Files.CreateFolder(exposure.Path, false);
    }

    private JournalEntry EntryOf(Shadow shadow) =>
        _journal.Entries().FirstOrDefault(entry => entry.Snapshots.Any(snapshot => snapshot.Id == shadow.Id))
        ?? throw new BackupException(
            FailureKind.ShadowMissing,
            shadow.Id.ToString("D"),
            "find the shadow copy",
            "the journal does not know it"
        );

    private IEnumerable<Shadow> ShadowsOf(JournalEntry entry) =>
        entry.Snapshots.Select(snapshot => new Shadow
        {
            Id = snapshot.Id,
            SetId = entry.Id,
            Provider = Name,
            Volume = snapshot.Volume,
            Root = snapshot.Root,
            ExposedAt = entry.Exposures.FirstOrDefault(exposure => exposure.SnapshotId == snapshot.Id)?.Path,
            Aliases = snapshot.Aliases,
            Created = snapshot.Taken ?? entry.Created,
            IsPersistent = entry.Persistent,
            IsOurs = true,
        });

    private sealed class Session : IShadowSession, ICloneSession
    {
        private readonly FolderProvider _provider;
        private readonly JournalEntry _entry;
        private bool _released;

        public Session(
            FolderProvider provider,
            JournalEntry entry,
            IReadOnlyList<string> warnings,
            Func<FileEntry, FileEntry?>? liveOf
        )
        {
            LiveOf = liveOf;
            _provider = provider;
            _entry = entry;
            Warnings = warnings;
            Set = new ShadowSet
            {
                Id = entry.Id,
                Provider = provider.Name,
                Consistency = provider.Consistency,
                Created = entry.Created,
                IsPersistent = entry.Persistent,
                Shadows = provider.ShadowsOf(entry).ToArray(),
            };
        }

        public ShadowSet Set { get; }

        public IReadOnlyList<string> Warnings { get; }

        public Func<FileEntry, FileEntry?>? LiveOf { get; }

        public void Complete() { }

        public IReadOnlyList<Failure> Release()
        {
            if (_released || _entry.Persistent)
                return Array.Empty<Failure>();
            _released = true;
            return _provider.Clean(_entry);
        }

        public void Dispose() => Release();
    }
}
