using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Machines;
using HyperVBackup.Runs;
using HyperVBackup.Runs.Preparing;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// Shows the virtual machines that the Hyper-V writer offers, with what happens to each while it is captured.
/// </summary>
[Cmdlet(VerbsCommon.Get, "HvVirtualMachine")]
[OutputType(typeof(HyperVMachine))]
public sealed class GetHvVirtualMachineCommand : HvCmdlet
{
    /// <summary>Names, with wildcards, or ids.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("VMId", "Id", "VMName")]
    [MachineArgument]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrEnd(() =>
        {
            var machines = Work(
                "Asking the Hyper-V writer",
                (context, _) => SourceSteps.ListMachines(context.Providers.Get(VssProvider.ProviderName))
            );
            if (Name == null)
                WriteObject(machines, true);
            else
                foreach (var name in Name)
                    OrGoOn(() => WriteObject(Select(machines, name), true));
        });

    // A name without wildcards that means nothing is an error; a pattern that matches nothing is not.
    private static IReadOnlyList<HyperVMachine> Select(IReadOnlyList<HyperVMachine> machines, string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
            return HyperVSelection.Select(machines, new[] { name });
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        return machines.Where(machine => pattern.IsMatch(machine.Name)).ToList();
    }
}
