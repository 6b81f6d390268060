using System;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows.Vss;

/// <summary>Exposes shadow copies and takes exposures away; the journal names each before it exists.</summary>
internal sealed class VssExposer
{
    private readonly VssServices _services;
    private readonly VssRemover _remover;

    public VssExposer(VssServices services, VssRemover remover)
    {
        _services = services;
        _remover = remover;
    }

    /// <summary>Exposes a shadow copy; when that fails nothing is left of it.</summary>
    public Shadow Expose(Shadow shadow, VssExposure exposure)
    {
        var look = exposure.IsShared
            ? MountFolder.Missing
            : _services.Volumes.Look(exposure.IsDrive ? exposure.Name + "\\" : exposure.Name);
        if (look == MountFolder.Taken || (look == MountFolder.Empty && exposure.IsDrive))
            throw new BackupException(
                FailureKind.ExposeFailed,
                exposure.Name,
                "expose the shadow copy there",
                exposure.IsDrive ? "the drive letter is taken" : "the folder is not empty, or is a mount point already"
            );

        var create = look == MountFolder.Missing && !exposure.IsShared && !exposure.IsDrive;
        var note = new JournalExposure(
            shadow.Id,
            exposure.IsShared ? @"\\" + Environment.MachineName + @"\" + exposure.Name : exposure.Name,
            create
        );
        Note(shadow, note);
        try
        {
            if (create)
                _services.Volumes.CreateFolder(exposure.Name);
            var name = _remover.OnInstance(
                (api, calls) =>
                    calls.Unchecked(
                        nameof(IVssApi.ExposeSnapshot),
                        exposure.Name,
                        () => api.ExposeSnapshot(shadow.Id, exposure.PathFromRoot, exposure.IsShared, exposure.Name)
                    )
            );
            return shadow with
            {
                ExposedAt =
                    exposure.IsShared ? note.Path
                    : string.IsNullOrEmpty(name) ? note.Path
                    : name,
            };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var failure = BackupException.FailureOf(e, exposure.Name, "expose the shadow copy there");
            var cause = failure.Operation + ": " + failure.Cause;
            try
            {
                _remover.Unexpose(shadow.Id, note.Path, create);
                Strike(note);
            }
            catch (BackupException left)
            {
                cause += "; left behind: " + left.Message;
            }

            var kind = failure.Kind is FailureKind.ShadowMissing or FailureKind.NotElevated
                ? failure.Kind
                : FailureKind.ExposeFailed;
            throw new BackupException(
                new Failure(kind, exposure.Name, "expose the shadow copy there", cause)
                {
                    NativeCode = failure.NativeCode,
                },
                e
            );
        }
    }

    /// <summary>Takes all exposures of a shadow copy away. One that has none is no failure.</summary>
    public void Unexpose(Shadow shadow)
    {
        var journaled = _services
            .EntryOf(shadow.Id)
            ?.Exposures.Where(exposure => exposure.SnapshotId == shadow.Id)
            .ToList();
        foreach (var exposure in journaled ?? new())
        {
            _remover.Unexpose(exposure.SnapshotId, exposure.Path, exposure.CreatedFolder);
            Strike(exposure);
        }

        if (
            shadow.ExposedAt is { } elsewhere
            && journaled?.Any(exposure =>
                PathOf.TrimEnd(exposure.Path).Equals(PathOf.TrimEnd(elsewhere), StringComparison.OrdinalIgnoreCase)
            ) != true
        )
            _remover.Unexpose(shadow.Id, elsewhere, removeFolder: false);
    }

    private void Note(Shadow shadow, JournalExposure note)
    {
        if (_services.EntryOf(shadow.Id) is { } known)
        {
            _services.Journal.Update(known with { Exposures = known.Exposures.Append(note).ToList() });
            return;
        }

        // Not our shadow copy, but our exposure: the entry names no snapshot, so that removing the entry never deletes
        // it.
        _services.Journal.Intend(
            new JournalEntry
            {
                Id = Guid.NewGuid(),
                Provider = VssProvider.ProviderName,
                Persistent = true,
                Kept = true,
                Created = _services.Clock.UtcNow,
                Exposures = new[] { note },
                Owner = _services.Owner,
            }
        );
    }

    private void Strike(JournalExposure note)
    {
        if (_services.EntryOf(note.SnapshotId) is not { } entry)
            return;
        var rest = entry with { Exposures = entry.Exposures.Where(exposure => exposure != note).ToList() };
        if (rest.Exposures.Count == 0 && rest.Snapshots.Count == 0)
            _services.Journal.Forget(entry.Id);
        else
            _services.Journal.Update(rest);
    }
}
