using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;
using HyperVBackup.Plans;
using HyperVBackup.Shadows;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Runs.Preparing;

/// <summary>What is copied, and what freezes it.</summary>
internal static class SourceSteps
{
    /// <summary>Chooses the shadow provider.</summary>
    /// <param name="run">The run so far.</param>
    /// <param name="providers">Those of this host.</param>
    /// <param name="tries">Whether small things may be made beside the sources for proof.</param>
    public static PreparedRun ChooseProvider(PreparedRun run, ShadowProviders providers, bool tries)
    {
        var isForMachines = run.Plan.VirtualMachines.Count > 0;
        try
        {
            var provider = providers.Choose(
                isForMachines ? VssProvider.ProviderName : run.Plan.Shadow.Provider,
                SourcesOf(run.Plan),
                tries,
                out var warning
            );
            run = run with { Provider = provider };
            return warning == null ? run : run.With(RunWarning.Of(warning));
        }
        catch (BackupException e)
        {
            return run.With(isForMachines ? PlanProperties.Machines : "shadow.provider", e.Failure);
        }
    }

    /// <summary>The folders of a plan, as providers know them.</summary>
    public static IReadOnlyList<ShadowSource> SourcesOf(BackupPlan plan) =>
        plan.Jobs.Select(job => new ShadowSource(job.Source, job.Filter)).ToList();

    /// <summary>Finds the virtual machines that the plan means.</summary>
    public static PreparedRun FindMachines(PreparedRun run)
    {
        var plan = run.Plan;
        if (plan.VirtualMachines.Count == 0 || run.Provider == null)
            return run;
        try
        {
            var offered = ListMachines(run.Provider);
            var machines = HyperVSelection.Find(offered, plan.VirtualMachines, out var missing);
            if (missing.Count == 0)
                return run with { Machines = machines };
            var why = HyperVSelection.WhyNot(offered, missing);
            // As long as the plan means something else, that is worth having.
            return machines.Count == 0 && plan.Jobs.Count == 0
                ? run.With(PlanProperties.Machines, why)
                : (run with { Machines = machines, Missing = missing }).With(LeftOutMachines.NotOnThisHost(why));
        }
        catch (BackupException e)
        {
            return run.With(PlanProperties.Machines, e.Failure);
        }
    }

    /// <summary>
    /// Makes the jobs. A virtual machine that lies on its only target is refused, and left out as long as there is
    /// something else to back up.
    /// </summary>
    public static PreparedRun MakeJobs(PreparedRun run)
    {
        var jobs = RunJob.OfFolders(run.Plan).Concat(RunJob.OfMachines(run.Plan, run.Machines)).ToList();
        run = run with { Jobs = jobs };
        return jobs.TrueForAll(job => job.Refused != null)
            ? jobs.Aggregate(run, (all, job) => all.With(PlanProperties.MachineTargets, job.Refused!))
            : run;
    }

    /// <summary>All virtual machines that the Hyper-V writer offers.</summary>
    /// <exception cref="BackupException">The provider knows none.</exception>
    public static IReadOnlyList<HyperVMachine> ListMachines(IShadowProvider provider) =>
        provider is VssProvider vss
            ? vss.ListMachines()
            : throw new BackupException(
                new Failure(
                    FailureKind.ProviderUnavailable,
                    provider.Name,
                    "list the virtual machines",
                    provider.WhyNot(Array.Empty<string>()) ?? "only VSS can ask the Hyper-V writer"
                )
                {
                    Advice = PathOf.IsWindows
                        ? "Install what the cause names; or back up the folders of the machines instead."
                        : "Virtual machines are known by name on Hyper-V hosts only. Name the folders to copy instead.",
                }
            );
}
