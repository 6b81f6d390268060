using System;
using System.Collections.Generic;
using System.Threading;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows;

/// <summary>A way to freeze files while they are copied.</summary>
public interface IShadowProvider
{
    /// <summary>vss, btrfs, reflink or copy.</summary>
    string Name { get; }

    /// <summary>What its sets guarantee.</summary>
    Consistency Consistency { get; }

    /// <summary>Whether it can freeze these folders on this machine: null, or why not. Changes nothing.</summary>
    string? WhyNot(IReadOnlyList<string> folders);

    /// <summary>
    /// What of these folders their filters take and a set would not hold all the same, where the provider can be used
    /// as such: a sentence for each, without its full stop. Changes nothing.
    /// </summary>
    IReadOnlyList<string> NotHeld(IReadOnlyList<ShadowSource> sources);

    /// <summary>
    /// Makes a shadow set. Journals what it is about to make before it makes it, and leaves nothing behind when it
    /// throws.
    /// </summary>
    /// <exception cref="BackupException">It could not be made; names the call and its code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left.</exception>
    IShadowSession Create(ShadowRequest request, CancellationToken cancel);

    /// <summary>All shadow copies of this kind on the host, ours or not.</summary>
    IReadOnlyList<Shadow> Query();

    /// <summary>
    /// Makes a persistent shadow copy visible at a folder (created if it is not there, else it must be empty), a drive
    /// letter or a share.
    /// </summary>
    /// <returns>The shadow with <see cref="Shadow.ExposedAt"/> set.</returns>
    Shadow Expose(Shadow shadow, string where);

    /// <summary>Takes the exposure away, and the folder if we created it.</summary>
    void Unexpose(Shadow shadow);

    /// <summary>Deletes a shadow copy, unexposing it first.</summary>
    void Delete(Shadow shadow);

    /// <summary>
    /// Removes everything of a journalled set that still exists: exposures, mount folders, shadow copies; nothing else.
    /// Forgets the entry when nothing is left.
    /// </summary>
    /// <returns>What could not be removed.</returns>
    IReadOnlyList<Failure> Clean(JournalEntry entry);
}

/// <summary>A shadow set while its maker still holds it: one backup's conversation with the provider.</summary>
public interface IShadowSession : IDisposable
{
    /// <summary>The set.</summary>
    ShadowSet Set { get; }

    /// <summary>What went less than well while it was made.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Tells the writers how the backup went, once the copies are durable (VSS: SetBackupSucceeded, BackupComplete).
    /// Throws when the writers object.
    /// </summary>
    void Complete();

    /// <summary>
    /// Ends the session: a set that was not completed is aborted; a set that is not persistent is deleted. Never
    /// throws; what could not be removed is returned.
    /// </summary>
    IReadOnlyList<Failure> Release();
}
