using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperVBackup.Failures;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Completes ids of shadow sets, each with its volumes and age.</summary>
public sealed class ShadowIdCompleter : IArgumentCompleter
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
        var word = Completion.Unquote(wordToComplete);
        return Sets()
            .Where(set => set.Id.ToString("D").StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(set => new CompletionResult(
                set.Id.ToString("D"),
                set.Id.ToString("D"),
                CompletionResultType.ParameterValue,
                Describe(set)
            ));
    }

    private static string Describe(ShadowSet set) =>
        string.Join(", ", set.Shadows.Select(shadow => shadow.Volume))
        + ", "
        + HumanText.Age(set.Created, DateTime.UtcNow);

    private static IReadOnlyList<ShadowSet> Sets()
    {
        try
        {
            return new ShadowStore(RunContext.OfThisHost()).Sets();
        }
        catch (BackupException)
        {
            return Array.Empty<ShadowSet>();
        }
    }
}
