using System.CommandLine;
using System.Linq;
using HyperVBackup.Plans;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cli.Commands;

/// <summary><c>hvbackup backup</c>: these folders to those disks, without a plan file.</summary>
internal static class BackupCommand
{
    private static readonly string[] Providers = ["auto", "vss", "btrfs", "reflink", "copy"];

    /// <summary>Makes the command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var sources = new Argument<string[]>("source")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The folders to copy. In the set, each has its last name: D:\\SystemVHD becomes SystemVHD.",
        };
        var to = new Option<string[]>("--to")
        {
            HelpName = "target",
            Description =
                "The disks or folders to copy to. Every source goes to every target that does not contain it.",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        var sets = new Option<string[]>("--sets")
        {
            HelpName = "SetA,SetB",
            Description =
                "The sets that take turns, at least two, or how many: 14 is Set01 to Set14. [default: SetA,SetB]",
        };
        var keep = Arguments.Keep();
        var provider = new Option<string>("--provider")
        {
            Description = "What the files are read through while they are in use.",
            DefaultValueFactory = _ => "auto",
        };
        provider.AcceptOnlyFromAmong(Providers);
        var include = Arguments.Include();
        var exclude = Arguments.Exclude();
        var verify = new Option<bool>("--verify")
        {
            Description = "Read the new set back and check it before it counts.",
        };
        var maxRate = Arguments.MaxRate();
        var takeOver = Arguments.TakeOver();
        var noPrivateSets = new Option<bool>("--no-private-sets")
        {
            Description =
                "Give new sets the permissions that the target passes on. By default only administrators can open "
                + "them.",
        };
        var noShare = new Option<bool>("--no-share")
        {
            Description = "Make every set a full copy, also where the target could share blocks between sets.",
        };
        var maxDelete = Arguments.MaxDeletePercent();
        var allowDeletions = Arguments.AllowDeletions();
        var json = Arguments.Json();
        var noProgress = Arguments.NoProgress();
        var command = new Command(
            "backup",
            "Back folders up, each to every target that does not contain it, into the set whose turn it is."
        )
        {
            sources,
            to,
            sets,
            keep,
            provider,
            include,
            exclude,
            verify,
            maxRate,
            takeOver,
            noPrivateSets,
            noShare,
            maxDelete,
            allowDeletions,
            json,
            noProgress,
        };
        command.SetAction(parsed =>
            Invocation.Run(
                surroundings,
                parsed,
                json,
                noProgress,
                invocation =>
                {
                    var names = parsed.GetValue(sets) ?? [];
                    try
                    {
                        var plan = AdHocPlan.Build(
                            parsed.GetValue(sources)!,
                            parsed.GetValue(to)!,
                            parsed.GetValue(include),
                            parsed.GetValue(exclude)
                        ) with
                        {
                            Sets = names.Length == 0 ? BackupPlan.DefaultSets : Arguments.SplitNames(names),
                            Keep = parsed.GetValue(keep),
                            Shadow = new ShadowOptions { Provider = parsed.GetValue(provider)! },
                            Verify = parsed.GetValue(verify),
                            MaxBytesPerSecond = parsed.GetValue(maxRate),
                            TakeOver = parsed.GetValue(takeOver),
                            PrivateSets = !parsed.GetValue(noPrivateSets),
                            MaxDeletePercent = parsed.GetValue(maxDelete),
                            ShareBlocks = !parsed.GetValue(noShare),
                        };
                        return PlanRunner.Run(invocation, plan, parsed.GetValue(allowDeletions));
                    }
                    catch (PlanException e)
                    {
                        throw InWordsOfArguments(e, parsed.GetValue(sources)!);
                    }
                }
            )
        );
        return command;
    }

    // Nobody wrote the plan, so what is wrong with it is told in the words of what was written: arguments.
    private static PlanException InWordsOfArguments(PlanException e, string[] sources) =>
        new(
            "The arguments",
            e.Problems.Select(problem =>
                {
                    var property = problem.Property;
                    var message = problem.Message;
                    for (var i = 0; i < sources.Length; i++)
                        message = message.Replace(
                            "jobs[" + i + "]",
                            "'" + sources[i] + "'",
                            System.StringComparison.Ordinal
                        );
                    var leaf = property[(property.LastIndexOf('.') + 1)..];
                    if (leaf == "folder")
                        message += " (a plan for 'hvbackup run' can name the folder of each source)";
                    var argument = leaf.Split('[')[0] switch
                    {
                        "targets" or "to" => "--to",
                        "include" => "--include",
                        "exclude" => "--exclude",
                        "sets" => "--sets",
                        "keep" => "--keep",
                        _ => "source",
                    };
                    return new PlanProblem(argument, message);
                })
                .Distinct()
                .ToList()
        );
}
