using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;

namespace HyperVBackup.Shadows;

/// <summary>
/// No freezing at all: the live files are read, and the mirror reports every file that changes meanwhile. For folders
/// that nobody writes to.
/// </summary>
public sealed class CopyProvider : FolderProvider
{
    /// <summary>A provider with this journal.</summary>
    public CopyProvider(IFileSystem files, IShadowJournal journal, IClock clock)
        : base(files, journal, clock) { }

    /// <inheritdoc/>
    public override string Name => "copy";

    /// <inheritdoc/>
    public override Consistency Consistency => Consistency.None;

    internal override Failure? Refusal(IReadOnlyList<string> folders, bool tries) => null;

    private protected override IReadOnlyList<JournalSnapshot> Plan(ShadowRequest request) =>
        EachSource(request, (source, _) => source.Path);

    private protected override IReadOnlyList<JournalSnapshot> Freeze(
        ShadowRequest request,
        IReadOnlyList<JournalSnapshot> snapshots,
        CancellationToken cancel
    ) => snapshots;

    private protected override void Thaw(JournalSnapshot snapshot) { }
}
