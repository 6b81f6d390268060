using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Plans;

namespace HyperVBackup.Cli;

/// <summary>The options that several commands have, with one wording, and how their values are read.</summary>
internal static class Arguments
{
    public const string JsonName = "--json";

    /// <summary>What .NET puts in place of bytes of an argument that are no UTF-8.</summary>
    public const char Undecodable = '\uFFFD';

    public static Option<bool> Json() =>
        new(JsonName) { Description = "Print one JSON object on standard output, and nothing else there." };

    public static Option<bool> NoProgress() =>
        new("--no-progress") { Description = "Draw no progress on standard error." };

    public static Option<string[]> Include() =>
        new("--include")
        {
            HelpName = "GLOB",
            Description = "Copy only these files: *.vhdx, sub/*.xml. Can be given several times.",
        };

    public static Option<string[]> Exclude() =>
        new("--exclude")
        {
            HelpName = "GLOB",
            Description = "Leave out these files and folders. Can be given several times.",
        };

    public static Option<bool> TakeOver() =>
        new("--take-over") { Description = "Write sets on the targets that another plan or host wrote." };

    public static Option<bool> AllowDeletions() =>
        new("--allow-deletions")
        {
            Description = "Let this one run delete as much as it likes, also when a source is empty or misses a disk.",
        };

    /// <summary>The option for the most that may be deleted at once.</summary>
    public static Option<int> MaxDeletePercent()
    {
        var option = new Option<int>("--max-delete-percent")
        {
            HelpName = "0-100",
            Description = "Fail before anything is deleted if more of a copy's files or bytes would go.",
            DefaultValueFactory = _ => BackupPlan.DefaultMaxDeletePercent,
        };
        option.Validators.Add(result =>
        {
            if (
                result.Tokens.Count == 1
                && int.TryParse(
                    result.Tokens[0].Value,
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var percent
                )
                && percent > 100
            )
                result.AddError(
                    "--max-delete-percent: '" + result.Tokens[0].Value + "' is no share; as 50, at most 100."
                );
            else if (result.Tokens.Count == 1 && result.Tokens[0].Value.StartsWith('-'))
                result.AddError(
                    "--max-delete-percent: '" + result.Tokens[0].Value + "' is no share; as 50, at least 0."
                );
        });
        return option;
    }

    public static Option<string?> Set() =>
        new("--set") { HelpName = "NAME", Description = "The set; by default the newest complete one." };

    public static Argument<string> Target() =>
        new("target") { Description = "The disk or folder that holds the sets: D:\\" };

    /// <summary>The option for the most bytes read per second.</summary>
    public static Option<long> MaxRate() =>
        new("--max-rate")
        {
            HelpName = "BYTES",
            Description = "Read at most so much per second: 50M, 1G, or bytes.",
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (TryParseSize(text, out var bytes))
                    return bytes;
                result.AddError("--max-rate: '" + text + "' is no number of bytes; as 50M, 1G or 1048576.");
                return 0;
            },
        };

    /// <summary>A path as given, made absolute.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="argument">The name of the argument.</param>
    /// <exception cref="PlanException">It is no path.</exception>
    public static string FullPath(string path, string argument)
    {
        try
        {
            if (!string.IsNullOrWhiteSpace(path))
                return PathOf.Full(path);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or PathTooLongException) { }

        throw new PlanException("The arguments", [new PlanProblem(argument, "'" + path + "' is no path")]);
    }

    /// <summary>The option for which sets are kept.</summary>
    public static Option<KeepRule?> Keep() =>
        new("--keep")
        {
            HelpName = "last=7,daily=14",
            Description =
                "Write a new set each time, named by its time, and keep the newest of so many days, weeks, months, "
                + "years, and the last ones. Instead of --sets.",
            CustomParser = result =>
            {
                if (
                    KeepRule.TryParse(string.Join(',', result.Tokens.Select(token => token.Value)), out var problem) is
                    { } rule
                )
                    return rule;
                result.AddError("--keep: " + problem + ".");
                return null;
            },
        };

    /// <summary>Names in a list with commas, as <c>SetA,SetB</c>, or a number of them.</summary>
    public static IReadOnlyList<string> SplitNames(IEnumerable<string> values) =>
        SetNames.Expand(values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).ToArray());

    /// <summary>Reads 512, 50M, 1.5G, 10MB, 10MiB: all in 1024s, as sizes are shown.</summary>
    internal static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.Trim();
        var end = digits.Length;
        while (end > 0 && char.IsAsciiLetter(digits[end - 1]))
            end--;
        var unit = digits[end..].ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 1,
            "M" or "MB" or "MIB" => 2,
            "G" or "GB" or "GIB" => 3,
            "T" or "TB" or "TIB" => 4,
            _ => -1,
        };
        if (
            unit < 0
            || !decimal.TryParse(
                digits[..end].Trim(),
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return false;
        if (number > (decimal)(long.MaxValue >> (10 * unit)))
            return false;
        bytes = (long)(number * (1L << (10 * unit)));
        return bytes > 0;
    }
}
