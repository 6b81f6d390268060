using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Shadows;
using HyperVBackup.Walking;

namespace HyperVBackup.Runs;

/// <summary>
/// Shadow sets by hand: made, listed, exposed and removed one command at a time, in one process or several.
/// </summary>
public sealed class ShadowStore
{
    private readonly RunContext _context;

    /// <summary>A store over the providers and the journal of a context.</summary>
    public ShadowStore(RunContext context) => _context = context;

    /// <summary>Makes a set that stays until it is removed.</summary>
    /// <param name="volumes">Volumes; off Windows, folders.</param>
    /// <param name="options">Provider, deadline, retries.</param>
    /// <param name="warnings">What the administrator should know.</param>
    /// <param name="cancel">Stops it; nothing is left then.</param>
    public ShadowSet Create(
        IReadOnlyList<string> volumes,
        ShadowOptions options,
        out IReadOnlyList<string> warnings,
        CancellationToken cancel
    )
    {
        if (volumes.Count == 0)
            throw new BackupException(
                FailureKind.BadPlan,
                "Volume",
                "make a shadow set",
                "it needs at least one volume"
            );
        var folders = volumes.Select(volume => RequireFolder(volume)).Distinct(PathOf.Comparer).ToList();
        _context.State.Create(_context.Files);
        var sources = folders.Select(folder => new ShadowSource(folder, GlobFilter.All)).ToArray();
        var provider = _context.Providers.Choose(options.Provider, sources, out var warning);
        var request = new ShadowRequest
        {
            Id = Guid.NewGuid(),
            Sources = sources,
            Persistent = true,
            Options = options,
        };
        using var session = provider.Create(request, cancel);
        session.Complete();
        warnings = session.Warnings.Concat(warning == null ? Array.Empty<string>() : new[] { warning }).ToArray();
        return session.Set;
    }

    /// <summary>Every shadow copy on the host that any provider knows, with who uses it now.</summary>
    public IReadOnlyList<Shadow> List()
    {
        var shadows = _context.Providers.All.SelectMany(provider => provider.Query()).ToList();
        // Asked after the shadow copies: a run names its set in the journal before it makes it.
        var use = ShadowUse.Of(_context);
        return shadows.Select(shadow => shadow with { InUseBy = use.Of(shadow) }).ToList();
    }

    /// <summary>
    /// The same by set. A set that others made is taken to be what a volume is after a power cut, since nobody can ask
    /// whether its writers took part.
    /// </summary>
    public IReadOnlyList<ShadowSet> Sets() =>
        List()
            .GroupBy(shadow => (shadow.Provider, shadow.SetId))
            .Select(shadows => new ShadowSet
            {
                Id = shadows.Key.SetId,
                Provider = shadows.Key.Provider,
                Consistency = shadows.All(shadow => shadow.IsOurs)
                    ? _context.Providers.Get(shadows.Key.Provider).Consistency
                    : Consistency.Crash,
                Created = shadows.Min(shadow => shadow.Created),
                IsPersistent = shadows.All(shadow => shadow.IsPersistent),
                InUseBy = shadows.Select(shadow => shadow.InUseBy).FirstOrDefault(user => user != null),
                Shadows = shadows.ToArray(),
            })
            .OrderBy(set => set.Created)
            .ToList();

    /// <summary>
    /// Where a shadow copy is exposed in a folder of mount points: a name made of its volume's (<c>C:\</c>: <c>C</c>),
    /// with a number if that is taken.
    /// </summary>
    public string PlaceIn(string mountRoot, Shadow shadow)
    {
        var name = FolderNames.OfSource(shadow.Volume);
        for (var number = 1; ; number++)
        {
            var place = PathOf.Join(
                _context.Files.Resolve(PathOf.Full(mountRoot)),
                number == 1 ? name : name + "-" + number.ToString(System.Globalization.CultureInfo.InvariantCulture)
            );
            if (
                _context.Files.Find(place) is not { } there
                || (there.Kind == EntryKind.Folder && _context.Files.List(place).Count == 0)
            )
                return place;
        }
    }

    /// <summary>Makes a shadow copy visible.</summary>
    public Shadow Expose(Shadow shadow, string where) =>
        _context.Providers.Get(shadow.Provider).Expose(shadow, BehindLinks(where));

    // A drive letter, or a share's name, is no path that could be followed.
    private string BehindLinks(string where) =>
        !PathOf.IsWindows && PathOf.Parent(PathOf.Full(where)) is { } parent
            ? PathOf.Join(_context.Files.Resolve(parent), PathOf.Leaf(where))
            : where;

    /// <summary>Takes the exposure away.</summary>
    /// <param name="shadow">The shadow copy.</param>
    /// <param name="force">Whether also from under a run that reads it.</param>
    /// <exception cref="BackupException">A run reads it (<see cref="FailureKind.LockHeld"/>), or it cannot be taken
    /// away.</exception>
    public void Unexpose(Shadow shadow, bool force = false)
    {
        RequireUnused(shadow, "dismount it", force);
        _context.Providers.Get(shadow.Provider).Unexpose(shadow);
    }

    /// <summary>Removes a shadow copy and its exposure.</summary>
    /// <param name="shadow">The shadow copy.</param>
    /// <param name="force">Whether also from under a run that reads it.</param>
    /// <exception cref="BackupException">A run reads it (<see cref="FailureKind.LockHeld"/>), or it cannot be
    /// removed.</exception>
    public void Delete(Shadow shadow, bool force = false)
    {
        RequireUnused(shadow, "remove it", force);
        _context.Providers.Get(shadow.Provider).Delete(shadow);
    }

    /// <summary>
    /// Refuses what would take a shadow copy from under a run. Asked at the moment it is done: a list of a minute ago
    /// knows nothing of a run that began since.
    /// </summary>
    /// <exception cref="BackupException">A run reads it (<see cref="FailureKind.LockHeld"/>).</exception>
    public void RequireUnused(Shadow shadow, string operation, bool force)
    {
        if (force || ShadowUse.Of(_context).Of(shadow) is not { } user)
            return;
        throw new BackupException(
            new Failure(FailureKind.LockHeld, shadow.ToString(), operation, "it is in use by " + user)
            {
                Advice =
                    "Wait for its end: a run removes its shadow copies itself. With -Force it is taken all the same, "
                    + "and that run fails.",
            }
        );
    }

    private string RequireFolder(string volume)
    {
        var path = _context.Files.Resolve(PathOf.Full(volume));
        return _context.Files.Find(path) is { Kind: EntryKind.Folder }
            ? path
            : throw new BackupException(
                FailureKind.SourceMissing,
                volume,
                "make a shadow copy of it",
                "there is no such volume or folder"
            );
    }
}
