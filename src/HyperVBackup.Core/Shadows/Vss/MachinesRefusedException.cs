using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Some of the virtual machines asked for cannot be captured, each for a reason of its own. Without them the request
/// may well succeed; nothing was frozen yet.
/// </summary>
public sealed class MachinesRefusedException : BackupException
{
    internal MachinesRefusedException(IReadOnlyDictionary<Guid, Failure> reasons, Exception? inner = null)
        : base(reasons.Values.First(), inner) => Reasons = reasons;

    /// <summary>
    /// The machines and why each cannot be captured. The exception's own failure is the first of these.
    /// </summary>
    public IReadOnlyDictionary<Guid, Failure> Reasons { get; }
}
