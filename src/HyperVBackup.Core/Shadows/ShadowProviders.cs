using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
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
    public static ShadowProviders OfThisHost(IFileSystem files, IShadowJournal journal, IClock clock)
    {
        var providers = new List<IShadowProvider> { PathOf.IsWindows ? LoadVss(journal, clock) : new BtrfsProvider(files, journal, clock), new ReflinkProvider(files, journal, clock), new CopyProvider(files, journal, clock) };
        return new ShadowProviders(providers);
    }

    private static IShadowProvider LoadVss(IShadowJournal journal, IClock clock)
    {
        try
        {
            return VssProviderLoader.Load(journal, clock);
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
        ?? throw new BackupException(FailureKind.ProviderUnavailable, name, "use this shadow provider", "there is none of that name here, only " + string.Join(", ", All.Select(provider => provider.Name)));

    /// <summary>
    /// The provider for these sources. <c>auto</c> on Windows is VSS and never anything less; elsewhere the best that their file systems can do and that holds
    /// all of them, down to <c>copy</c> with a warning. A provider that is named is used or fails.
    /// </summary>
    /// <param name="name">auto, or a provider.</param>
    /// <param name="sources">The live folders to be read.</param>
    /// <param name="warning">What the administrator should know of the choice; null when nothing.</param>
    public IShadowProvider Choose(string name, IReadOnlyList<ShadowSource> sources, out string? warning)
    {
        warning = null;
        var folders = sources.Select(source => source.Path).ToList();
        var isAuto = string.Equals(name, "auto", StringComparison.OrdinalIgnoreCase);
        if (isAuto && PathOf.IsWindows) name = "vss";
        return isAuto && !PathOf.IsWindows ? ChooseBest(sources, folders, out warning) : Insist(Get(name), folders);
    }

    private static IShadowProvider Insist(IShadowProvider named, IReadOnlyList<string> folders)
    {
        if (named is FolderProvider provider) return provider.Refusal(folders) is { } failure ? throw new BackupException(failure) : named;
        return named.WhyNot(folders) is { } why ? throw new BackupException(FailureKind.ProviderUnavailable, named.Name, "use this shadow provider", why) : named;
    }

    // What a provider would leave out counts for more than how consistent the rest is: a part that is missing can never be restored.
    private IShadowProvider ChooseBest(IReadOnlyList<ShadowSource> sources, IReadOnlyList<string> folders, out string? warning)
    {
        warning = null;
        var reasons = new List<string>();
        foreach (var provider in All)
        {
            if (provider.WhyNot(folders) is { } why)
            {
                reasons.Add(provider.Name + ": " + why);
                continue;
            }

            if (provider.NotHeld(sources) is { Count: > 0 } missing)
            {
                var some = missing.Count <= MostNamed ? missing : missing.Take(MostNamed).Concat(new[] { "and " + (missing.Count - MostNamed) + " more (" + provider.Name + " by name warns of each)" });
                reasons.Add(provider.Name + ": " + string.Join("; ", some));
                warning = "The better provider " + provider.Name + " was not used, because its shadow set would not hold everything. " + string.Join("; ", some) + ".";
                continue;
            }

            if (provider.Consistency == Consistency.None)
                warning = "Nothing was frozen: the live files were copied, and only files that changed while they were read would have been noticed. " + string.Join("; ", reasons) + ".";
            return provider;
        }

        throw new BackupException(FailureKind.ProviderUnavailable, "auto", "choose a shadow provider", string.Join("; ", reasons));
    }
}
