using System;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Scheduling;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// Task Scheduler through the cmdlets of Windows' own module ScheduledTasks, which both editions of PowerShell have,
/// and which take a password without putting it
/// on a command line.
/// </summary>
internal sealed class ScheduledTasksModule : ITaskScheduler
{
    private readonly PSCmdlet _cmdlet;
    private readonly PSCredential? _credential;

    /// <summary>That of this computer.</summary>
    /// <param name="cmdlet">Who asks.</param>
    /// <param name="credential">The account that tasks run as and its password; null: an account that needs
    /// none.</param>
    public ScheduledTasksModule(PSCmdlet cmdlet, PSCredential? credential = null)
    {
        _cmdlet = cmdlet;
        _credential = credential;
    }

    /// <summary>Whether this computer has it.</summary>
    public bool IsThere =>
        _cmdlet.InvokeCommand.GetCommand("Register-ScheduledTask", CommandTypes.Function | CommandTypes.Cmdlet) != null;

    /// <inheritdoc/>
    public TaskFound? Find(TaskAddress task)
    {
        const string operation = "look for it";
        // Where the folder or the task is not there, these write an error; where it cannot be read, registering says
        // so.
        var found =
            task.Cluster == null
                ? Run(
                    task,
                    operation,
                    "param($path, $name) Get-ScheduledTask -TaskPath $path -ErrorAction SilentlyContinue | "
                        + "Where-Object { $_.TaskName -eq $name -and $_.TaskPath -eq $path } | Select-Object -First "
                        + "1 -Property Source",
                    task.Path,
                    task.Name
                )
                : Run(
                    task,
                    operation,
                    "param($cluster, $name) Get-ClusteredScheduledTask -Cluster $cluster -ErrorAction "
                        + "SilentlyContinue | Where-Object TaskName -eq $name | Select-Object -First 1 -Property "
                        + "TaskType, @{ Name = 'Source'; Expression = { $_.TaskDefinition.Source } }",
                    task.Cluster,
                    task.Name
                );
        if (found == null)
            return null;
        return new TaskFound(
            found.Properties["Source"]?.Value?.ToString() ?? "",
            Enum.TryParse<ClusteredTaskType>(found.Properties["TaskType"]?.Value?.ToString(), out var type)
                ? type
                : null
        );
    }

    /// <inheritdoc/>
    public void Register(TaskAddress task, string xml, bool replaces)
    {
        const string operation = "register it";
        if (task.Cluster == null)
            Run(
                task,
                operation,
                "param($path, $name, $xml, $more) Register-ScheduledTask -TaskPath $path -TaskName $name -Xml $xml "
                    + "@more -ErrorAction Stop | Out-Null",
                task.Path,
                task.Name,
                xml,
                More(replaces)
            );
        else if (replaces)
            Run(
                task,
                operation,
                "param($cluster, $name, $xml) Set-ClusteredScheduledTask -Cluster $cluster -TaskName $name -Xml "
                    + "$xml -ErrorAction Stop | Out-Null",
                task.Cluster,
                task.Name,
                xml
            );
        else
            Run(
                task,
                operation,
                "param($cluster, $name, $xml, $type, $more) Register-ClusteredScheduledTask -Cluster $cluster "
                    + "-TaskName $name -Xml $xml -TaskType $type @more -ErrorAction Stop | Out-Null",
                task.Cluster,
                task.Name,
                xml,
                task.Type.ToString(),
                Resource(task)
            );
    }

    /// <inheritdoc/>
    public void Unregister(TaskAddress task)
    {
        const string operation = "remove it";
        if (task.Cluster == null)
            Run(
                task,
                operation,
                "param($path, $name) Unregister-ScheduledTask -TaskPath $path -TaskName $name -Confirm:$false "
                    + "-ErrorAction Stop",
                task.Path,
                task.Name
            );
        else
            Run(
                task,
                operation,
                "param($cluster, $name) Unregister-ClusteredScheduledTask -Cluster $cluster -TaskName $name "
                    + "-ErrorAction Stop",
                task.Cluster,
                task.Name
            );
    }

    private System.Collections.Hashtable More(bool replaces)
    {
        var more = new System.Collections.Hashtable();
        if (replaces)
            more["Force"] = true;
        if (_credential == null)
            return more;
        more["User"] = _credential.UserName;
        more["Password"] = _credential.GetNetworkCredential().Password;
        return more;
    }

    private static System.Collections.Hashtable Resource(TaskAddress task) =>
        task.Resource == null ? new() : new() { ["Resource"] = task.Resource };

    private PSObject? Run(TaskAddress task, string operation, string script, params object?[] arguments)
    {
        try
        {
            return _cmdlet
                .InvokeCommand.InvokeScript(true, ScriptBlock.Create(script), null, arguments)
                .FirstOrDefault();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            var error = e.ErrorRecord;
            throw TaskErrors.Of(
                error.FullyQualifiedErrorId,
                error.Exception.Message,
                error.CategoryInfo.Category is ErrorCategory.PermissionDenied or ErrorCategory.SecurityError,
                task.ToString(),
                operation
            );
        }
    }
}
