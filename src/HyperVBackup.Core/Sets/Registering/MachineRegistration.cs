using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets.Registering;

/// <summary>What became of registering one restored virtual machine. Plain data.</summary>
public sealed record MachineRegistration
{
    /// <summary>The machine's name.</summary>
    public required string Name { get; init; }

    /// <summary>The id it has on the host; where it was not registered, the one in its configuration.</summary>
    public Guid Id { get; init; }

    /// <summary>Whether it is a virtual machine of the host now.</summary>
    public bool IsRegistered { get; init; }

    /// <summary>Whether the host copied its files. Otherwise it uses the restored ones.</summary>
    public bool IsCopy { get; init; }

    /// <summary>The restored configuration.</summary>
    public required string Configuration { get; init; }

    /// <summary>The files its drives use, or would have used.</summary>
    public IReadOnlyList<string> Disks { get; init; } = Array.Empty<string>();

    /// <summary>What kept it from being imported, as Compare-VM said it.</summary>
    public IReadOnlyList<MachineIncompatibility> Incompatibilities { get; init; } =
        Array.Empty<MachineIncompatibility>();

    /// <summary>What is worth knowing.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = Array.Empty<string>();

    /// <summary>Why it was not registered, or what is wrong with it though it was; null when all is well.</summary>
    public Failure? Failure { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name + (IsRegistered ? ": registered" : ": not registered");
}

/// <summary>One reason why a virtual machine does not fit a host.</summary>
/// <param name="Message">The host's words.</param>
/// <param name="MessageId">The host's number for it, such as 33012: it has no virtual switch of that name.</param>
/// <param name="Source">The part of the machine it is about.</param>
public sealed record MachineIncompatibility(string Message, long MessageId, string Source)
{
    /// <inheritdoc/>
    public override string ToString() => MessageId + ": " + Message;
}
