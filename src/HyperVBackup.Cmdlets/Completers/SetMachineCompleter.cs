using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Sets;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>
/// Completes names of virtual machines by those in the set that the -Path and -Set typed before mean.
/// </summary>
public sealed class SetMachineCompleter : IArgumentCompleter
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
        var path = fakeBoundParameters["Path"]?.ToString();
        return path == null
            ? Array.Empty<CompletionResult>()
            : Machines(path, fakeBoundParameters["Set"]?.ToString())
                .Where(job =>
                    job.Machine.StartsWith(Completion.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase)
                )
                .Select(job => new CompletionResult(
                    Completion.Quote(job.Machine),
                    job.Machine,
                    CompletionResultType.ParameterValue,
                    job.Machine + " (" + job.MachineId + ")"
                ))
                .ToArray();
    }

    private static IEnumerable<SetJob> Machines(string path, string? set)
    {
        try
        {
            return ChosenSet.Of(FileSystems.Current, path, set).Set.Jobs.Where(job => job.Machine.Length > 0);
        }
        catch (BackupException)
        {
            return Array.Empty<SetJob>();
        }
    }
}
