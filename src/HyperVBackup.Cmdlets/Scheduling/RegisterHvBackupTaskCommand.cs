using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Plans;
using HyperVBackup.Scheduling;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets;

/// <summary>Makes, or updates, a scheduled task that runs a plan.</summary>
[Cmdlet(
    VerbsLifecycle.Register,
    "HvBackupTask",
    DefaultParameterSetName = "System",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
[OutputType(typeof(BackupTask))]
[OutputType(typeof(string))]
public sealed class RegisterHvBackupTaskCommand : HvCmdlet
{
    private readonly Dictionary<string, string> _addresses = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The plan's file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string Plan { get; set; } = "";

    /// <summary>The time of the day, or several.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public DateTime[] At { get; set; } = Array.Empty<DateTime>();

    /// <summary>The days of the week. None: every day.</summary>
    [Parameter]
    public DayOfWeek[] DaysOfWeek { get; set; } = Array.Empty<DayOfWeek>();

    /// <summary>The account that it runs as, with its password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Credential")]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The group managed service account that it runs as.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ManagedServiceAccount")]
    [Alias("gMSA")]
    [ValidateNotNullOrEmpty]
    public string? ManagedServiceAccount { get; set; }

    /// <summary>The failover cluster; . for that of this node.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Cluster")]
    [ValidateNotNullOrEmpty]
    public string? Cluster { get; set; }

    /// <summary>Which nodes of the cluster run it.</summary>
    [Parameter(ParameterSetName = "Cluster")]
    public ClusteredTaskType ClusteredTaskType { get; set; } = ClusteredTaskType.AnyNode;

    /// <summary>The cluster resource whose owner runs it.</summary>
    [Parameter(ParameterSetName = "Cluster")]
    [ValidateNotNullOrEmpty]
    public string? Resource { get; set; }

    /// <summary>The task's name. None: that of the plan.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TaskName { get; set; }

    /// <summary>The task's folder.</summary>
    [Parameter(ParameterSetName = "System")]
    [Parameter(ParameterSetName = "Credential")]
    [Parameter(ParameterSetName = "ManagedServiceAccount")]
    [ValidateNotNullOrEmpty]
    public string TaskPath { get; set; } = TaskAddress.StandardPath;

    /// <summary>How long a run may take; zero: as long as it wants.</summary>
    [Parameter]
    public TimeSpan ExecutionTimeLimit { get; set; } = TaskDefinition.StandardTimeLimit;

    /// <summary>The shell that runs it: powershell, pwsh, or a program's path. None: the one that this is.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ShellCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Shell { get; set; }

    /// <summary>Whether the definition is only written, as XML.</summary>
    [Parameter]
    public SwitchParameter AsXml { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrGoOn(() =>
        {
            var path = Literal(Plan, FailureKind.BadPlan);
            var plan = PlanArgument.Read(this, path);
            var task = Define(plan, path);
            if (!AsXml)
                RequireNew(task);
            var problems = Work("Looking at the plan", (context, _) => TaskTrust.Problems(plan, task, context.Files));
            if (AsXml)
            {
                foreach (var problem in problems)
                    WriteWarning("It would not be registered: " + problem + ".");
                WriteObject(TaskXml.Write(task));
                return;
            }

            if (problems.Count > 0)
                throw new PlanException(path, problems);
            Register(task);
        });

    // The second of two plans of one name would silently take the first one's place.
    private void RequireNew(TaskDefinition task)
    {
        var address = task.Address.ToString();
        if (!_addresses.TryGetValue(address, out var other))
            _addresses.Add(address, task.Plan);
        else if (!PathOf.Comparer.Equals(other, task.Plan))
        {
            throw new BackupException(
                new Failure(
                    FailureKind.BadPlan,
                    task.Plan,
                    "register it as " + address,
                    "that is the task of " + other + " already"
                )
                {
                    Advice = "Give each plan a \"name\" of its own, or register them one by one with -TaskName.",
                }
            );
        }
    }

    private void Register(TaskDefinition task)
    {
        var scheduler = new ScheduledTasksModule(this, Credential);
        if (!scheduler.IsThere)
            throw NoTaskScheduler(task);
        var replaces = TaskRegistrar.Replaces(scheduler, task.Address);
        var limit =
            task.TimeLimit == TimeSpan.Zero ? "" : "It is ended after " + Text.HumanText.Span(task.TimeLimit) + ".";
        if (
            !Ask(
                "Register the task "
                    + task.Address
                    + ": it runs the plan "
                    + task.Plan
                    + " "
                    + task.Schedule
                    + ", as "
                    + task.Account.Name,
                (replaces ? "The task of that name that is there is replaced. " : "") + limit
            )
        )
            return;
        WriteObject(TaskRegistrar.Register(scheduler, task, replaces));
    }

    private TaskDefinition Define(BackupPlan plan, string path)
    {
        if (ExecutionTimeLimit != TimeSpan.Zero && ExecutionTimeLimit < TimeSpan.FromMinutes(1))
            throw new PlanException(
                "The task",
                new[]
                {
                    new PlanProblem(
                        "ExecutionTimeLimit",
                        "it is less than a minute; write hours:minutes:seconds, or 0 for none"
                    ),
                }
            );
        // A time without a zone is one of this computer, and so is the clock that the task goes by.
        var now = SystemClock.Instance.UtcNow.ToLocalTime();
        return new TaskDefinition
        {
            Address =
                Cluster == null
                    ? TaskAddress.Local(TaskPath, TaskName ?? plan.Name)
                    : TaskAddress.Clustered(Cluster, TaskName ?? plan.Name, ClusteredTaskType, Resource),
            Schedule = TaskSchedule.Of(
                At.Select(time => time.Kind == DateTimeKind.Utc ? time.ToLocalTime() : time),
                DaysOfWeek,
                now
            ),
            Account =
                Credential != null ? TaskAccount.User(Credential.UserName)
                : ManagedServiceAccount != null ? TaskAccount.ManagedServiceAccount(ManagedServiceAccount)
                : TaskAccount.System,
            Plan = path,
            Shell = TaskShell.Resolve(
                Shell ?? (IsCore && PathOf.IsWindows ? TaskShell.Core : TaskShell.Desktop),
                IsCore && PathOf.IsWindows ? GetVariableValue("PSHOME")?.ToString() : null,
                PathOf.IsWindows ? File.Exists : null
            ),
            Manifest = FindManifest(),
            TimeLimit = ExecutionTimeLimit,
            Registered = now,
        };
    }

    private bool IsCore => GetVariableValue("PSEdition")?.ToString() == "Core";

    // The one that holds this cmdlet: beside lib/ in the packaged module, at the root of a built clone.
    private static string FindManifest()
    {
        var assembly = typeof(RegisterHvBackupTaskCommand).Assembly.Location;
        for (var folder = PathOf.Parent(assembly); folder != null; folder = PathOf.Parent(folder))
        {
            var manifest = PathOf.Join(folder, "HyperVBackup.psd1");
            if (File.Exists(manifest))
                return manifest;
        }

        throw new BackupException(
            FailureKind.FileMissing,
            assembly,
            "find the module's manifest",
            "there is no HyperVBackup.psd1 above it"
        );
    }

    private static BackupException NoTaskScheduler(TaskDefinition task)
    {
        var cron = task.Plan.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? " Here, let cron run it; in root's crontab:\n" + CronLine.Of(task.Schedule, task.Plan)
            : " Here, let cron run 'hvbackup run' with the plan as JSON.";
        return new BackupException(
            new Failure(
                FailureKind.NotSupported,
                task.Address.ToString(),
                "register it",
                "this computer has no Task Scheduler (no Register-ScheduledTask)"
            )
            {
                Advice = "See the definition with -AsXml." + (PathOf.IsWindows ? "" : cron),
            }
        );
    }
}
