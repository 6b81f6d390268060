using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Plans;

namespace HyperVBackup.Scheduling;

/// <summary>
/// Which nodes of a failover cluster run a clustered task, as Register-ClusteredScheduledTask names them.
/// </summary>
public enum ClusteredTaskType
{
    /// <summary>The node that owns a resource.</summary>
    ResourceSpecific,

    /// <summary>One node, whichever.</summary>
    AnyNode,

    /// <summary>Every node.</summary>
    ClusterWide,
}

/// <summary>Where a task is: on this computer, or on a failover cluster.</summary>
public sealed record TaskAddress
{
    /// <summary>The folder of Task Scheduler that tasks are put in.</summary>
    public const string StandardPath = @"\HyperVBackup\";

    private static readonly char[] Forbidden = "\\/:*?\"<>|".ToCharArray();

    private TaskAddress(string path, string name)
    {
        Path = path;
        Name = name;
    }

    /// <summary>Its folder, with a backslash at each end. Clustered tasks have none.</summary>
    public string Path { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The failover cluster; <c>.</c> is that of this node; null: it is a task of this computer.</summary>
    public string? Cluster { get; private init; }

    /// <summary>Which nodes of the cluster run it.</summary>
    public ClusteredTaskType Type { get; private init; }

    /// <summary>
    /// The cluster resource whose owner runs it; null but for <see cref="ClusteredTaskType.ResourceSpecific"/>.
    /// </summary>
    public string? Resource { get; private init; }

    /// <summary>A task of this computer.</summary>
    /// <exception cref="PlanException">Its folder or name cannot be one.</exception>
    public static TaskAddress Local(string? path, string name)
    {
        var folder = (path ?? StandardPath).Replace('/', '\\').Trim('\\');
        var problems = new List<PlanProblem>();
        foreach (var part in folder.Split('\\'))
            if (folder.Length > 0 && WhyNot(part) is { } why)
                problems.Add(
                    new PlanProblem(
                        "TaskPath",
                        "'" + path + "' is no folder of Task Scheduler: " + why + "; as '" + StandardPath + "'"
                    )
                );
        AddNameProblem(name, problems);
        if (problems.Count > 0)
            throw new PlanException("The task", problems);
        return new TaskAddress(folder.Length == 0 ? @"\" : @"\" + folder + @"\", name);
    }

    /// <summary>A task of a failover cluster.</summary>
    /// <exception cref="PlanException">Its name cannot be one, or its type and resource do not go together.</exception>
    public static TaskAddress Clustered(string cluster, string name, ClusteredTaskType type, string? resource)
    {
        var problems = new List<PlanProblem>();
        AddNameProblem(name, problems);
        if (string.IsNullOrWhiteSpace(cluster))
            problems.Add(
                new PlanProblem("Cluster", "it is empty; name the cluster, or write '.' for the one of this node")
            );
        if (type == ClusteredTaskType.ResourceSpecific && string.IsNullOrWhiteSpace(resource))
            problems.Add(
                new PlanProblem("Resource", "it is missing; name the cluster resource whose owner is to run the task")
            );
        if (type != ClusteredTaskType.ResourceSpecific && resource != null)
            problems.Add(new PlanProblem("Resource", "only a task of the type ResourceSpecific has one"));
        if (problems.Count > 0)
            throw new PlanException("The task", problems);
        return new TaskAddress("", name)
        {
            Cluster = cluster,
            Type = type,
            Resource = resource,
        };
    }

    /// <summary>As people write it: <c>\HyperVBackup\nightly</c>, <c>nightly on the cluster HVC1</c>.</summary>
    public override string ToString() =>
        Cluster == null ? Path + Name : Name + " on the cluster" + (Cluster == "." ? " of this node" : " " + Cluster);

    private static void AddNameProblem(string name, List<PlanProblem> problems)
    {
        if (WhyNot(name) is { } why)
            problems.Add(
                new PlanProblem("TaskName", "'" + name + "' cannot name a task: " + why + "; name it with -TaskName")
            );
    }

    private static string? WhyNot(string part)
    {
        if (string.IsNullOrWhiteSpace(part))
            return "it is empty";
        if (part.IndexOfAny(Forbidden) >= 0 || part.Any(char.IsControl))
            return "it holds one of \\ / : * ? \" < > |";
        return part.Trim() != part || part.EndsWith(".", StringComparison.Ordinal)
            ? "it begins or ends with a space, or ends with a full stop"
            : null;
    }
}
