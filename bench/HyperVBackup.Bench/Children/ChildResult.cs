using System;

namespace HyperVBackup.Bench.Children;

/// <summary>What a program did, and what it used.</summary>
internal sealed record ChildResult
{
    /// <summary>Its exit code; 128 and more: the signal that ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>What it printed.</summary>
    public required string Output { get; init; }

    /// <summary>What it complained about.</summary>
    public required string Error { get; init; }

    /// <summary>From start to end.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor time of its own, over all cores.</summary>
    public required double UserSeconds { get; init; }

    /// <summary>Processor time of the kernel for it, over all cores.</summary>
    public required double SystemSeconds { get; init; }

    /// <summary>The most memory it held (ru_maxrss), bytes.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Whether <see cref="PeakBytes"/> may be this process's own: then it is an upper bound.</summary>
    public required bool PeakIsBound { get; init; }

    /// <summary>Bytes that had to come from a block device for it.</summary>
    public required long ReadBytes { get; init; }

    /// <summary>Bytes that it caused to be written to a block device.</summary>
    public required long WrittenBytes { get; init; }
}

/// <summary>A program could not be started, or failed.</summary>
internal sealed class ChildException : Exception
{
    /// <summary>Says why.</summary>
    public ChildException(string message)
        : base(message) { }
}
