using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows;

/// <summary>Stands for a provider whose parts cannot be loaded here, and says why whenever it is asked for.</summary>
internal sealed class UnavailableProvider : IShadowProvider
{
    private readonly Failure _why;

    public UnavailableProvider(string name, Consistency consistency, Failure why)
    {
        Name = name;
        Consistency = consistency;
        _why = why;
    }

    public string Name { get; }

    public Consistency Consistency { get; }

    public string? WhyNot(IReadOnlyList<string> folders) => _why.Cause + ". " + _why.Advice;

    public IReadOnlyList<string> NotHeld(IReadOnlyList<ShadowSource> sources) => Array.Empty<string>();

    public IShadowSession Create(ShadowRequest request, CancellationToken cancel) => throw new BackupException(_why);

    // Nothing can be seen through it: a list is empty, and not a reason to fail for those who ask for all kinds.
    public IReadOnlyList<Shadow> Query() => Array.Empty<Shadow>();

    public Shadow Expose(Shadow shadow, string where) => throw new BackupException(_why);

    public void Unexpose(Shadow shadow) => throw new BackupException(_why);

    public void Delete(Shadow shadow) => throw new BackupException(_why);

    public IReadOnlyList<Failure> Clean(JournalEntry entry) => new[] { _why };
}
