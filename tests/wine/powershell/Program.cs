using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

// "pwsh -Script FILE": without a console. The shell itself does nothing without one, and an elevated process under Wine
// has none.
if (args.Length == 2 && args[0] == "-Script")
{
    var state = InitialSessionState.CreateDefault();
    state.ExecutionPolicy = ExecutionPolicy.Bypass;
    using var space = RunspaceFactory.CreateRunspace(state);
    space.Open();
    using var shell = PowerShell.Create(space);
    shell.AddScript(File.ReadAllText(args[1]));
    try
    {
        shell.Invoke();
        return shell.HadErrors ? 1 : 0;
    }
    catch (RuntimeException e)
    {
        Console.Error.WriteLine(e.ErrorRecord);
        return 1;
    }
}

return UnmanagedPSEntry.Start(args, args.Length);
