using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Threading;
using HyperVBackup.Cmdlets.Pump;
using HyperVBackup.Failures;
using HyperVBackup.Machines;
using HyperVBackup.Runs;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Completes names of virtual machines by those that the Hyper-V writer offers.</summary>
public sealed class MachineCompleter : IArgumentCompleter
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
        return Machines()
            .Where(machine => machine.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(machine => new CompletionResult(
                Completion.Quote(machine.Name),
                machine.Name,
                CompletionResultType.ParameterValue,
                machine.Name + ": " + machine.Capture
            ));
    }

    private static IReadOnlyList<HyperVMachine> Machines()
    {
        try
        {
            using var cancel = new CancellationTokenSource();
            return new WorkPump(() => { }, cancel).Run(() =>
                SourceSteps.ListMachines(RunContext.OfThisHost().Providers.Get(VssProvider.ProviderName))
            );
        }
        catch (BackupException)
        {
            return Array.Empty<HyperVMachine>();
        }
    }
}
