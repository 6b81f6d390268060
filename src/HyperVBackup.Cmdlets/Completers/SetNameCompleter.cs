using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Sets;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Completes names of sets by those that lie at the -Path typed before.</summary>
public sealed class SetNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var typed = fakeBoundParameters["Path"];
        var named = (typed is object[] many ? many.FirstOrDefault() : typed)?.ToString();
        var path =
            named == null ? null
            : Completion.FullPath(named) is { } full && System.IO.Directory.Exists(full) ? full
            : Completion.FullPath(WildcardPattern.Unescape(named));
        return path == null
            ? Array.Empty<CompletionResult>()
            : Sets(path)
                .Where(set =>
                    set.Set.StartsWith(Completion.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase)
                )
                .Select(set => new CompletionResult(
                    Completion.Quote(set.Set),
                    set.Set,
                    CompletionResultType.ParameterValue,
                    Describe(set)
                ))
                .ToArray();
    }

    private static string Describe(SetInfo set) =>
        set.Set
        + ": "
        + set.State.ToString().ToLowerInvariant()
        + (set.Completed is { } completed ? ", " + HumanText.Age(completed, DateTime.UtcNow) : "")
        + ", "
        + HumanText.Size(set.Bytes);

    private static IReadOnlyList<SetInfo> Sets(string path)
    {
        try
        {
            return SetCatalogue.List(FileSystems.Current, path);
        }
        catch (BackupException)
        {
            return Array.Empty<SetInfo>();
        }
    }
}
