using System;
using System.Collections.Generic;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>A writer that the request depends on failed in a phase of the backup.</summary>
public sealed class VssWriterException : BackupException
{
    internal VssWriterException(Failure failure, VssHResult code, IReadOnlyList<Guid> machines)
        : base(failure)
    {
        Code = code;
        Machines = machines;
        HResult = code.Code;
    }

    /// <summary>The virtual machines that failed, where the writer told; else all that were asked for.</summary>
    public IReadOnlyList<Guid> Machines { get; }

    /// <summary>
    /// Whether the same request may succeed later. If it may not, a set per virtual machine keeps one that fails from
    /// spoiling the others.
    /// </summary>
    public bool IsRetryable => Code.Retry == VssRetry.NewInstance;

    internal VssHResult Code { get; }
}
