using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;

namespace HyperVBackup.Cli;

/// <summary>
/// Finds commands and options that there are not. The parser takes unknown options for arguments where it can, and a
/// misspelt <c>--exclude</c> that
/// becomes one more source would copy the wrong files.
/// </summary>
internal static class Misspelling
{
    /// <summary>What is wrong with the first that is unknown before "--"; null when there is none.</summary>
    public static string? FirstIn(IReadOnlyList<string> args, Command command, Command root)
    {
        if (command == root && args[0].Length > 0 && args[0][0] != '-')
            return "There is no command '"
                + args[0]
                + "'; "
                + Hint(args[0], root.Subcommands.Select(known => known.Name), "see the list");
        var options = command
            .Options.Concat(root.Options.Where(option => option.Recursive || command == root))
            .SelectMany(option => option.Aliases.Prepend(option.Name))
            .Distinct()
            .ToList();
        foreach (var arg in args.TakeWhile(arg => arg != "--"))
        {
            if (arg.Length < 2 || arg[0] != '-')
                continue;
            var name = arg[..(arg.IndexOfAny(['=', ':']) is > 0 and var end ? end : arg.Length)];
            if (options.Contains(name))
                continue;
            return "There is no option '"
                + name
                + "'; "
                + Hint(
                    name,
                    options,
                    "put names that begin with a dash behind '--', and values that do as in --exclude=" + name
                );
        }

        return null;
    }

    private static string Hint(string name, IEnumerable<string> known, string otherwise)
    {
        var close = known.OrderBy(candidate => Distance(candidate, name)).First();
        // Two letters of "-x" are no likeness.
        return Distance(close, name) <= Math.Min(2, name.Length - 3) ? "did you mean '" + close + "'?" : otherwise;
    }

    // Levenshtein's.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var k = 1; k <= other.Length; k++)
            {
                var replaced = diagonal + (one[i - 1] == other[k - 1] ? 0 : 1);
                diagonal = row[k];
                row[k] = Math.Min(replaced, 1 + Math.Min(row[k], row[k - 1]));
            }
        }

        return row[other.Length];
    }
}
