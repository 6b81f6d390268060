using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Shadows;

/// <summary>The providers of this host, and which of them a plan gets.</summary>
public sealed class ShadowProviders
{
    // A container host has hundreds of subvolumes: a reason must stay readable.
    private const int MostNamed = 5;

    /// <summary>A choice among these, the best first.</summary>
    public ShadowProviders(IReadOnlyList<IShadowProvider> providers) => All = providers;

    /// <summary>All of them.</summary>
    public IReadOnlyList<IShadowProvider> All { get; }

    /// <summary>Those of this host.</summary>
    public static ShadowProviders OfThisHost(
        IFileSystem files,
        IShadowJournal journal,
        IClock clock,
        Action<string>? trace = null
    )
    {
        var providers = new List<IShadowProvider>
        {
            PathOf.IsWindows ? LoadVss(journal, clock, trace) : new BtrfsProvider(files, journal, clock),
            new ReflinkProvider(files, journal, clock),
            new CopyProvider(files, journal, clock),
        };
        return new ShadowProviders(providers);
    }

    private static IShadowProvider LoadVss(IShadowJournal journal, IClock clock, Action<string>? trace)
    {
        try
        {
            return VssProviderLoader.Load(journal, clock, trace: trace);
        }
        catch (BackupException e)
        {
            return new UnavailableProvider(VssProvider.ProviderName, Consistency.Application, e.Failure);
        }
    }

    /// <summary>The provider of a name.</summary>
    /// <exception cref="BackupException">This host has none of that name.</exception>
    public IShadowProvider Get(string name) =>
        All.FirstOrDefault(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new BackupException(
            FailureKind.ProviderUnavailable,
            name,
            "use this shadow provider",
            (
                !PathOf.IsWindows && string.Equals(name, VssProvider.ProviderName, StringComparison.OrdinalIgnoreCase)
                    ? "the Volume Shadow Copy service exists on Windows only; here there are "
                    : "there is none of that name here, only "
            ) + string.Join(", ", All.Select(provider => provider.Name))
        );

    /// <summary>
    /// The provider for these sources. <c>auto</c> on Windows is VSS and never anything less; elsewhere the best that
    /// their file systems can do and that holds
    /// all of them, down to <c>copy</c> with a warning. A provider that is named is used or fails.
    /// </summary>
    /// <param name="name">auto, or a provider.</param>
    /// <param name="sources">The live folders to be read.</param>
    /// <param name="warning">What the administrator should know of the choice; null when nothing.</param>
    public IShadowProvider Choose(string name, IReadOnlyList<ShadowSource> sources, out string? warning) =>
        Choose(name, sources, true, out warning);

    /// <summary>
    /// The same; or, for who only wants to know, without trying anything out on the volumes, not even for a moment.
    /// </summary>
    /// <param name="name">auto, or a provider.</param>
    /// <param name="sources">The live folders to be read.</param>
    /// <param name="tries">Whether small things are made beside the sources for proof; otherwise what is known of the
    /// volumes must do, and the warning is of a run to come.</param>
    /// <param name="warning">What the administrator should know of the choice; null when nothing.</param>
    internal IShadowProvider Choose(string name, IReadOnlyList<ShadowSource> sources, bool tries, out string? warning)
    {
        warning = null;
        var folders = sources.Select(source => source.Path).ToList();
        var isAuto = string.Equals(name, "auto", StringComparison.OrdinalIgnoreCase);
        if (isAuto && PathOf.IsWindows)
            name = "vss";
        return isAuto && !PathOf.IsWindows
            ? ChooseBest(sources, folders, tries, out warning)
            : Insist(Get(name), folders, tries);
    }

    private static IShadowProvider Insist(IShadowProvider named, IReadOnlyList<string> folders, bool tries)
    {
        if (named is FolderProvider provider)
            return provider.Refusal(folders, tries) is { } failure ? throw new BackupException(failure) : named;
        return named.WhyNot(folders) is { } why
            ? throw new BackupException(FailureKind.ProviderUnavailable, named.Name, "use this shadow provider", why)
            : named;
    }

    private static string? WhyNot(IShadowProvider provider, IReadOnlyList<string> folders, bool tries) =>
        provider is FolderProvider ours ? ours.WhyNot(folders, tries) : provider.WhyNot(folders);

    // What a provider would leave out counts for more than how consistent the rest is: a part that is missing can never
    // be restored.
    private IShadowProvider ChooseBest(
        IReadOnlyList<ShadowSource> sources,
        IReadOnlyList<string> folders,
        bool tries,
        out string? warning
    )
    {
        warning = null;
        var reasons = new List<string>();
        foreach (var provider in All)
        {
            if (WhyNot(provider, folders, tries) is { } why)
            {
                reasons.Add(provider.Name + ": " + why);
                continue;
            }

            if (provider.NotHeld(sources) is { Count: > 0 } missing)
            {
                var some =
                    missing.Count <= MostNamed
                        ? missing
                        : missing
                            .Take(MostNamed)
                            .Concat(
                                new[]
                                {
                                    "and "
                                        + (missing.Count - MostNamed)
                                        + " more ("
                                        + provider.Name
                                        + " by name warns of each)",
                                }
                            );
                reasons.Add(provider.Name + ": " + string.Join("; ", some));
                warning =
                    "The better provider "
                    + provider.Name
                    + (tries ? " was" : " would")
                    + " not"
                    + (tries ? "" : " be")
                    + " used, because its shadow set would not hold everything. "
                    + string.Join("; ", some)
                    + ".";
                continue;
            }

            if (provider.Consistency == Consistency.None)
            {
                warning =
                    (
                        tries
                            ? "Nothing was frozen: the live files were copied, and only files that changed while "
                                + "they were read would have been noticed. "
                            : "Nothing would be frozen: the live files would be copied, and only files that change "
                                + "while they are read would be noticed. "
                    )
                    + string.Join("; ", reasons)
                    + ".";
            }

            return provider;
        }

        throw new BackupException(
            FailureKind.ProviderUnavailable,
            "auto",
            "choose a shadow provider",
            string.Join("; ", reasons)
        );
    }
}
