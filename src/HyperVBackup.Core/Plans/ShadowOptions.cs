using System;

namespace HyperVBackup.Plans;

/// <summary>How shadow sets are made: the plan's <c>shadow</c> object.</summary>
public sealed record ShadowOptions
{
    /// <summary>
    /// <c>auto</c>, or the provider to insist on: <c>vss</c>, <c>btrfs</c>, <c>reflink</c>, <c>copy</c>.
    /// </summary>
    public string Provider { get; init; } = "auto";

    /// <summary>
    /// The deadline over everything from the first call to the finished shadow set, retries included.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a failure that may pass is tried again.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before each of these tries.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);
}
