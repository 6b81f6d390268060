using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Failures;
using HyperVBackup.Sets.Registering;

namespace HyperVBackup.Cmdlets.Registering;

/// <summary>
/// This host's Hyper-V through its PowerShell module, on the pipeline's thread. Commands are called with the module's
/// name in front: VMware's has a Get-VM as well.
/// </summary>
internal sealed class HyperVModule : IHyperVHost
{
    private const string Module = "Hyper-V";
    private readonly PSCmdlet _cmdlet;

    public HyperVModule(PSCmdlet cmdlet) => _cmdlet = cmdlet;

    public void Require()
    {
        try
        {
            // Loaded at most once, whatever the preference for loading modules is.
            var found = _cmdlet.InvokeCommand.InvokeScript(
                "$module = Get-Module -Name "
                    + Module
                    + "; if (-not $module) { $module = Import-Module -Name "
                    + Module
                    + " -PassThru -ErrorAction SilentlyContinue -ErrorVariable wrong }; if (-not $module) { throw "
                    + "$wrong[0].Exception.Message }; $module.PrivateData.ImplicitRemoting"
            );
            // Windows PowerShell behind PowerShell 7 hands out copies of objects, and a copy of a report cannot be
            // imported.
            if (found.Any(item => item != null && LanguagePrimitives.IsTrue(item)))
                throw Unavailable(
                    "in this shell it works through Windows PowerShell, which cannot hand over a compatibility report",
                    "Run this in Windows PowerShell 5.1."
                );
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw Unavailable(
                "this host does not have it: " + e.Message.TrimEnd('.'),
                "On a Hyper-V host run Install-WindowsFeature Hyper-V-PowerShell (Windows 10 and 11: "
                    + "Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All). Without it, "
                    + "restore without -Register; about_HyperVBackup_Restore shows how to import by hand."
            );
        }
    }

    public string? NameOf(Guid id)
    {
        var found = Call(
            "Get-VM",
            id.ToString("D"),
            "look for it",
            new Hashtable { ["Id"] = id, ["ErrorAction"] = "SilentlyContinue" }
        );
        return found.Select(machine => Text(machine, "Name")).FirstOrDefault();
    }

    public IPlannedMachine Plan(ImportWishes import)
    {
        var parameters = new Hashtable { ["Path"] = import.Configuration, ["Confirm"] = false };
        parameters[import.Copy ? "Copy" : "Register"] = true;
        if (import.GenerateNewId)
            parameters["GenerateNewId"] = true;
        if (import.DiskFolder.Length > 0)
            parameters["VhdSourcePath"] = import.DiskFolder;
        if (import.VirtualMachinePath.Length > 0)
            parameters["VirtualMachinePath"] = import.VirtualMachinePath;
        if (import.VhdDestinationPath.Length > 0)
            parameters["VhdDestinationPath"] = import.VhdDestinationPath;
        return new PlannedMachine(
            this,
            import.Configuration,
            Call("Compare-VM", import.Configuration, "compare it with this host", parameters).FirstOrDefault()
                ?? throw Silent("Compare-VM", import.Configuration)
        );
    }

    /// <summary>Calls a command of the module.</summary>
    /// <exception cref="BackupException">It failed; the cause is in its words.</exception>
    internal IReadOnlyList<PSObject> Call(string command, string target, string operation, Hashtable parameters)
    {
        if (!parameters.ContainsKey("ErrorAction"))
            parameters["ErrorAction"] = "Stop";
        try
        {
            return _cmdlet
                .InvokeCommand.InvokeScript(
                    false,
                    ScriptBlock.Create("param($Parameters) " + Module + "\\" + command + " @Parameters"),
                    null,
                    parameters
                )
                .Where(item => item != null)
                .ToList();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new BackupException(
                new Failure(FailureKind.VirtualMachine, target, operation, command + " says: " + e.Message.TrimEnd('.'))
                {
                    Advice =
                        "See the event log Microsoft-Windows-Hyper-V-VMMS/Admin. The files are restored: "
                        + "about_HyperVBackup_Restore shows how to import them by hand.",
                },
                e
            );
        }
    }

    internal static BackupException Silent(string command, string target) =>
        new(FailureKind.VirtualMachine, target, "register it", command + " returned nothing");

    internal static object? Value(object? of, string property) =>
        of == null ? null : PSObject.AsPSObject(of).Properties[property]?.Value;

    internal static string Text(object? of, string property) => Value(of, property)?.ToString() ?? "";

    internal static IEnumerable<object> Items(object? of, string property) =>
        Value(of, property) switch
        {
            null => Array.Empty<object>(),
            IEnumerable list and not string => list.Cast<object>().Where(item => item != null),
            var single => new[] { single },
        };

    private static BackupException Unavailable(string why, string advice) =>
        new(
            new Failure(
                FailureKind.ProviderUnavailable,
                "The PowerShell module Hyper-V",
                "register virtual machines",
                why
            )
            {
                Advice = advice,
            }
        );
}
