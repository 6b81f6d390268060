using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperVBackup.Scheduling;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Completes the shells that can run a task.</summary>
public sealed class ShellCompleter : IArgumentCompleter
{
    private static readonly (string Name, string Description)[] Shells =
    {
        (TaskShell.Desktop, "Windows PowerShell 5.1"),
        (TaskShell.Core, "PowerShell 7"),
    };

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        Shells
            .Where(shell =>
                shell.Name.StartsWith(Completion.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase)
            )
            .Select(shell => new CompletionResult(
                shell.Name,
                shell.Name,
                CompletionResultType.ParameterValue,
                shell.Description
            ));
}
