using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Shadow copies of Windows' Volume Shadow Copy service: all volumes at one instant, with the applications' writers
/// taking part.
/// </summary>
public sealed class VssProvider : IShadowProvider
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "vss";

    private const int ExposedRemotely = 0x200000;
    private readonly VssServices _services;

    internal VssProvider(VssServices services) => _services = services;

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public Consistency Consistency => Consistency.Application;

    /// <inheritdoc/>
    public string? WhyNot(IReadOnlyList<string> folders)
    {
        if (_services.Factory.WhyNot() is { } failure)
            return failure.Cause + ". " + failure.Advice;
        foreach (var folder in folders)
        {
            try
            {
                _services.Volumes.VolumeOf(folder);
            }
            catch (BackupException e)
            {
                return e.Message;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> NotHeld(IReadOnlyList<ShadowSource> sources) => Array.Empty<string>();

    /// <inheritdoc cref="IShadowProvider.Create"/>
    public VssShadowSession Create(ShadowRequest request, CancellationToken cancel)
    {
        ThrowIfUnavailable();
        var thread = _services.NewThread();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            return thread.Run(
                () => new VssMaker(_services, thread, request, stop.Token).Make(),
                _services.Limit(request.Options.Timeout),
                stop.Cancel,
                late => late.Release()
            );
        }
        catch
        {
            thread.Dispose();
            throw;
        }
        finally
        {
            // Work that was given up still needs it, to learn that it was.
            if (!thread.HasGivenUp)
                stop.Dispose();
        }
    }

    IShadowSession IShadowProvider.Create(ShadowRequest request, CancellationToken cancel) => Create(request, cancel);

    /// <summary>The virtual machines that the Hyper-V writer offers, with their volumes. Changes nothing.</summary>
    /// <exception cref="BackupException">VSS is not available, or this host has no Hyper-V writer.</exception>
    public IReadOnlyList<HyperVMachine> ListMachines() =>
        AskWriters(writers =>
        {
            var writer = HyperVWriter.Find(writers) ?? throw HyperVWriter.Missing(_services.Factory.Host);
            return HyperVWriter.Machines(writer, _services.IsRunning).Select(WithVolumes).ToList();
        });

    /// <summary>
    /// What a request would capture, by the rules that <see cref="Create"/> goes by. Changes nothing.
    /// </summary>
    /// <returns>
    /// The virtual machines that would be captured by their writer, with how, and what the administrator should know of
    /// them.
    /// </returns>
    /// <exception cref="BackupException">The shadow set would be refused.</exception>
    internal (IReadOnlyList<HyperVMachine> Machines, IReadOnlyList<string> Warnings) Foresee(ShadowRequest request) =>
        AskWriters(writers =>
        {
            var scope = VssScope.Of(request, writers, _services);
            return (scope.Machines, scope.Warnings);
        });

    private T AskWriters<T>(Func<IReadOnlyList<WriterMetadata>, T> read)
    {
        ThrowIfUnavailable();
        return OnThread(
            (thread, _) =>
            {
                var calls = new VssCalls(_services.Clock, thread, Timeout.InfiniteTimeSpan, CancellationToken.None);
                IVssApi? api = null;
                try
                {
                    api = calls.Unchecked(VssAttempt.CreateCall, "VSS", () => _services.Factory.Create(calls));
                    calls.Unchecked(nameof(IVssApi.InitializeForBackup), "VSS", () => api.InitializeForBackup(null));
                    calls.Unchecked(nameof(IVssApi.SetContext), "VSS", () => api.SetContext(SnapshotContext.Backup));
                    calls.Unchecked(
                        nameof(IVssApi.SetBackupState),
                        "VSS",
                        () => api.SetBackupState(true, false, BackupType.Full, false)
                    );
                    calls.Unchecked(nameof(IVssApi.GatherWriterMetadata), "VSS", api.GatherWriterMetadata);
                    return read(calls.Unchecked(nameof(IVssApi.GetWriterMetadata), "VSS", api.GetWriterMetadata));
                }
                finally
                {
                    VssAttempt.DisposeQuietly(api);
                }
            }
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<Shadow> Query()
    {
        ThrowIfUnavailable();
        var found = OnThread(
            (_, remover) =>
                remover.OnInstance(
                    (api, calls) => calls.Unchecked(nameof(IVssApi.QuerySnapshots), "VSS", api.QuerySnapshots)
                )
        );
        var ours = new HashSet<Guid>(
            _services.Journal.Entries().SelectMany(entry => entry.Snapshots).Select(snapshot => snapshot.Id)
        );
        return found.Select(properties => ToShadow(properties, ours)).ToList();
    }

    /// <inheritdoc/>
    public Shadow Expose(Shadow shadow, string where)
    {
        ThrowIfUnavailable();
        if (!shadow.IsPersistent)
            throw new BackupException(
                FailureKind.ExposeFailed,
                "shadow copy " + shadow.Id,
                "expose it at " + where,
                "it is not persistent; only persistent shadow copies can be exposed"
            );
        if (shadow.ExposedAt != null)
            throw new BackupException(
                FailureKind.ExposeFailed,
                "shadow copy " + shadow.Id,
                "expose it at " + where,
                "it is exposed already, at " + shadow.ExposedAt
            );
        var exposure = VssExposure.Of(where);
        return OnThread((_, remover) => new VssExposer(_services, remover).Expose(shadow, exposure));
    }

    /// <inheritdoc/>
    public void Unexpose(Shadow shadow)
    {
        ThrowIfUnavailable();
        OnThread(
            (_, remover) =>
            {
                new VssExposer(_services, remover).Unexpose(shadow);
                return true;
            }
        );
    }

    /// <inheritdoc/>
    public void Delete(Shadow shadow)
    {
        ThrowIfUnavailable();
        OnThread(
            (_, remover) =>
            {
                new VssExposer(_services, remover).Unexpose(shadow);
                try
                {
                    remover.Delete(shadow.Id);
                }
                catch (VssCallException e) when (VssRemover.SaysItIsGone(e))
                {
                    ForgetSnapshot(shadow.Id);
                    throw;
                }

                ForgetSnapshot(shadow.Id);
                return true;
            }
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<Failure> Clean(JournalEntry entry)
    {
        if (_services.Factory.WhyNot() is { } unavailable)
            return new[] { unavailable };
        return OnThread((_, remover) => remover.Remove(entry));
    }

    private void ForgetSnapshot(Guid id)
    {
        if (_services.EntryOf(id) is not { } entry)
            return;
        var rest = entry with
        {
            Snapshots = entry.Snapshots.Where(snapshot => snapshot.Id != id).ToList(),
            Exposures = entry.Exposures.Where(exposure => exposure.SnapshotId != id).ToList(),
        };
        if (rest.Snapshots.Count == 0 && rest.Exposures.Count == 0)
            _services.Journal.Forget(entry.Id);
        else
            _services.Journal.Update(rest);
    }

    private T OnThread<T>(Func<VssThread, VssRemover, T> work)
    {
        using var thread = _services.NewThread();
        return thread.Run(() => work(thread, new VssRemover(_services, thread)), _services.Patience);
    }

    private void ThrowIfUnavailable()
    {
        if (_services.Factory.WhyNot() is { } failure)
            throw new BackupException(failure);
    }

    // A file that lies on no volume of this host (a share) leaves the machine listed: it is still worth knowing of.
    private HyperVMachine WithVolumes(HyperVMachine machine) =>
        machine with
        {
            Volumes = machine
                .Files.Select(file => RootOf(file.Path))
                .Where(root => root != null)
                .Select(root => root!)
                .Distinct(PathOf.Comparer)
                .ToList(),
        };

    private string? RootOf(string path)
    {
        try
        {
            return _services.Volumes.VolumeOf(path).Root;
        }
        catch (BackupException)
        {
            return null;
        }
    }

    private Shadow ToShadow(SnapshotProperties properties, HashSet<Guid> ours) =>
        new()
        {
            Id = properties.SnapshotId,
            SetId = properties.SnapshotSetId,
            Provider = ProviderName,
            Volume =
                _services.Volumes.MountPointsOf(properties.OriginalVolume).Select(PathOf.TrimEnd).FirstOrDefault()
                ?? properties.OriginalVolume,
            Root = properties.DeviceObject,
            VolumeName = properties.OriginalVolume,
            ExposedAt =
                string.IsNullOrEmpty(properties.ExposedName) ? null
                : (properties.Attributes & ExposedRemotely) != 0
                    ? @"\\" + Environment.MachineName + @"\" + properties.ExposedName
                : properties.ExposedName,
            Created = properties.Created,
            IsPersistent = properties.IsPersistent,
            IsOurs = ours.Contains(properties.SnapshotId),
        };
}
