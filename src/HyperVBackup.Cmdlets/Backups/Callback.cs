using System;
using System.Management.Automation;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// Calls a script block of the user's with a result, on the pipeline's thread. Whatever comes of it is told, and
/// changes nothing.
/// </summary>
internal sealed class Callback
{
    // $_ is the result, and so is the first argument. Errors that do not end the block come out with what it writes.
    private const string Script =
        "param($block, $variables, $result) $block.InvokeWithContext($null, $variables, $result) 2>&1";

    private readonly PSCmdlet _cmdlet;
    private readonly string _parameter;
    private readonly ScriptBlock? _block;

    /// <summary>A callback.</summary>
    /// <param name="cmdlet">The cmdlet that has it.</param>
    /// <param name="parameter">The name of its parameter.</param>
    /// <param name="block">The block; null: nothing is called.</param>
    public Callback(PSCmdlet cmdlet, string parameter, ScriptBlock? block)
    {
        _cmdlet = cmdlet;
        _parameter = parameter;
        _block = block;
    }

    /// <summary>Calls it.</summary>
    public void Call(object result)
    {
        if (_block == null)
            return;
        _cmdlet.WriteVerbose("Calling the script block of -" + _parameter + ".");
        try
        {
            var variables = new System.Collections.Generic.List<PSVariable> { new("_", result) };
            foreach (
                var said in _cmdlet.InvokeCommand.InvokeScript(
                    true,
                    ScriptBlock.Create(Script),
                    null,
                    _block,
                    variables,
                    result
                )
            )
            {
                if (said?.BaseObject is ErrorRecord error)
                    Warn(error.ToString());
                else
                    _cmdlet.WriteVerbose("  " + said);
            }
        }
        catch (PipelineStoppedException)
        {
            throw;
        }
        // Whatever it throws, even 'exit' and 'break': the backup has ended, and how is in its result.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            var cause = e is MethodInvocationException { InnerException: { } inner } ? inner : e;
            Warn(cause is RuntimeException ? cause.Message : cause.GetType().Name + ": " + cause.Message);
        }
    }

    private void Warn(string problem) =>
        _cmdlet.WriteWarning(
            "The script block of -"
                + _parameter
                + " failed: "
                + problem.TrimEnd('.')
                + ". The backup itself is not affected."
        );
}
