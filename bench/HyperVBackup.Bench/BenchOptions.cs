using System.Collections.Generic;

namespace HyperVBackup.Bench;

/// <summary>What is asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Bytes of the disk; the sparse disk holds half of it in 256 times its size.</summary>
    public required long Size { get; init; }

    /// <summary>How many small files.</summary>
    public required int Files { get; init; }

    /// <summary>Rounds: measurements of each contender.</summary>
    public required int Runs { get; init; }

    /// <summary>The works to measure; empty: all.</summary>
    public required IReadOnlyCollection<string> Only { get; init; }

    /// <summary>The tools to leave out.</summary>
    public required IReadOnlyCollection<string> Without { get; init; }

    /// <summary>Where to work.</summary>
    public required string Folder { get; init; }

    /// <summary>Keep the test data.</summary>
    public required bool Keep { get; init; }

    /// <summary>A program to measure instead of one built from here.</summary>
    public string? Cli { get; init; }

    /// <summary>
    /// A folder for what is measured, one file for each work: then the report is made of all that is there.
    /// </summary>
    public string? Pieces { get; init; }

    /// <summary>A file for the report, too.</summary>
    public string? Output { get; init; }

    /// <summary>Seconds of quiet before each measurement.</summary>
    public required double Settle { get; init; }
}
