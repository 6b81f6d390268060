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
    /// <summary>A choice among these, the best first.</summary>
    public ShadowProviders(IReadOnlyList<IShadowProvider> providers) => All = providers;

    /// <summary>All of them.</summary>
    public IReadOnlyList<IShadowProvider> All { get; }

    /// <summary>Those of this host.</summary>
    public static ShadowProviders OfThisHost(IFileSystem files, IShadowJournal journal, IClock clock, Action<string>? trace = null)
    {
        var providers = new List<IShadowProvider> { new ReflinkProvider(files, journal, clock), new CopyProvider(files, journal, clock) };
        if (PathOf.IsWindows) providers.Insert(0, LoadVss(journal, clock, trace));
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
        ?? throw new BackupException(FailureKind.ProviderUnavailable, name, "use this shadow provider", (!PathOf.IsWindows && string.Equals(name, VssProvider.ProviderName, StringComparison.OrdinalIgnoreCase) ? "the Volume Shadow Copy service exists on Windows only; here there are " : "there is none of that name here, only ") + string.Join(", ", All.Select(provider => provider.Name)));

    /// <summary>
    /// The provider for these folders. <c>auto</c> on Windows is VSS and never anything less; elsewhere the best that their file systems can do,
    /// down to <c>copy</c> with a warning. A provider that is named is used or fails.
    /// </summary>
    /// <param name="name">auto, or a provider.</param>
    /// <param name="folders">The live folders to be read.</param>
    /// <param name="warning">What the administrator should know of the choice; null when nothing.</param>
    public IShadowProvider Choose(string name, IReadOnlyList<string> folders, out string? warning)
    {
        var provider = Choose(name, folders, false, out var reasons);
        warning = reasons == null ? null : "Nothing was frozen: the live files were copied, and only files that changed while they were read would have been noticed. " + reasons + ".";
        return provider;
    }

    /// <summary>The same, of a run to come.</summary>
    /// <param name="name">auto, or a provider.</param>
    /// <param name="folders">The live folders to be read.</param>
    /// <param name="looksOnly">Whether nothing may be tried out on the volumes, not even for a moment.</param>
    /// <param name="reasons">Why the provider is none that freezes anything, though that was left to us; null when it does, or was asked for.</param>
    internal IShadowProvider Choose(string name, IReadOnlyList<string> folders, bool looksOnly, out string? reasons)
    {
        reasons = null;
        var isAuto = string.Equals(name, "auto", StringComparison.OrdinalIgnoreCase);
        if (isAuto && PathOf.IsWindows) name = "vss";
        if (!isAuto || PathOf.IsWindows)
        {
            var named = Get(name);
            return WhyNot(named, folders, looksOnly) is { } why ? throw new BackupException(FailureKind.ProviderUnavailable, named.Name, "use this shadow provider", why) : named;
        }

        var others = new List<string>();
        foreach (var provider in All)
        {
            if (WhyNot(provider, folders, looksOnly) is { } why)
            {
                others.Add(provider.Name + ": " + why);
                continue;
            }

            if (provider.Consistency == Consistency.None) reasons = string.Join("; ", others);
            return provider;
        }

        throw new BackupException(FailureKind.ProviderUnavailable, "auto", "choose a shadow provider", string.Join("; ", others));
    }

    private static string? WhyNot(IShadowProvider provider, IReadOnlyList<string> folders, bool looksOnly) =>
        looksOnly && provider is ReflinkProvider reflink ? reflink.WhyNot(folders, false) : provider.WhyNot(folders);
}
