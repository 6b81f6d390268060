using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Pump;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// What the cmdlets share: work runs on a thread of its own and is cancelled by Ctrl+C; everything is written by the
/// pipeline's thread; failures become errors by one table.
/// </summary>
public abstract class HvCmdlet : PSCmdlet, IDisposable
{
    private const int ErrorsShown = 100;
    private readonly CancellationTokenSource _cancel = new();
    private bool _disposed;

    static HvCmdlet() => FrontWords.Current = Front.PowerShell;

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        // Only cancels, whatever thread this is. The pipeline's thread waits until what was made is put away.
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
            _cancel.Dispose();
        _disposed = true;
    }

    /// <summary>
    /// Whether -WhatIf or -Confirm will make somebody read the question: then it is worth finding out how much it is
    /// about.
    /// </summary>
    private protected bool IsAsked
    {
        get
        {
            if (MyInvocation.BoundParameters.TryGetValue("WhatIf", out var whatIf))
                return ((SwitchParameter)whatIf).IsPresent || IsConfirmed;
            return (GetVariableValue("WhatIfPreference") is { } preference && LanguagePrimitives.IsTrue(preference))
                || IsConfirmed;
        }
    }

    private bool IsConfirmed =>
        MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm)
            ? ((SwitchParameter)confirm).IsPresent
            : GetVariableValue("ConfirmPreference") is { } preference
                && Enum.TryParse<ConfirmImpact>(preference.ToString(), true, out var impact)
                && impact is ConfirmImpact.Low or ConfirmImpact.Medium;

    /// <summary>
    /// Does work on a thread of its own, telling its story as verbose messages and showing how far it is.
    /// </summary>
    /// <param name="activity">What it is called on the progress bar.</param>
    /// <param name="work">The work.</param>
    /// <param name="lastWord">What to tell the host of its result when Ctrl+C has stopped the pipeline.</param>
    private protected T Work<T>(
        string activity,
        Func<RunContext, CancellationToken, T> work,
        Func<T, string>? lastWord = null
    )
    {
        WorkPump? pump = null;
        var context = RunContext.OfThisHost(trace: ShowsCalls ? text => pump?.Post(() => WriteDebug(text)) : null) with
        {
            CountsTotal = ShowsProgress,
            Story = text => pump?.Post(() => WriteVerbose(text)),
        };
        using var bars = new ProgressBars(this, activity, context.Progress);
        pump = new WorkPump(bars.Sample, _cancel);
        var result = pump.Run(() => work(context, _cancel.Token), stoppedWith => SayLast(lastWord, stoppedWith));
        SayLast(lastWord, result);
        return result;
    }

    /// <summary>Does something whose failure ends the cmdlet with an error.</summary>
    private protected void OrEnd(Action action)
    {
        try
        {
            action();
        }
        catch (BackupException e)
        {
            ThrowTerminatingError(Errors.Record(e));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Does something whose failure is written as an error; the cmdlet goes on with its next input.</summary>
    private protected void OrGoOn(Action action)
    {
        try
        {
            action();
        }
        catch (BackupException e)
        {
            WriteError(Errors.Record(e));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Says what is done, or with -WhatIf would be, or with -Confirm asks.</summary>
    /// <param name="what">A sentence without its full stop, in the imperative: "Delete the shadow copy of C:\".</param>
    /// <param name="more">What else is worth knowing, in whole sentences.</param>
    private protected bool Ask(string what, string more = "") =>
        ShouldProcess(
            what + "." + (more.Length > 0 ? " " + more : ""),
            what + "?" + (more.Length > 0 ? " " + more : ""),
            MyInvocation.MyCommand.Name
        );

    /// <summary>One path, no pattern, from a parameter.</summary>
    private protected string Literal(string path, FailureKind missing) =>
        Arguments.PathArguments.Typed(this, path, missing);

    // After Ctrl+C nothing can be written to the pipeline any more, and still somebody wants to know what became of it.
    private void SayLast<T>(Func<T, string>? lastWord, T result)
    {
        if (!Stopping || lastWord == null)
            return;
        try
        {
            Host.UI.WriteWarningLine(lastWord(result));
        }
        catch (Exception e)
            when (e
                    is InvalidOperationException
                        or NotImplementedException
                        or NotSupportedException
                        or System.Management.Automation.Host.HostException
            )
        {
            // A host without a console hears nothing.
        }
    }

    /// <summary>
    /// Writes failures as errors; of very many the first ones, and how many more there are and where.
    /// </summary>
    private protected void WriteFailures(IReadOnlyCollection<Failure> failures, long count, string property)
    {
        var shown = 0;
        foreach (var failure in failures)
        {
            if (shown++ == ErrorsShown)
                break;
            WriteError(Errors.Record(failure));
        }

        if (count > ErrorsShown)
            WriteWarning(
                (count - ErrorsShown)
                    + " more failures are not shown as errors; the result has them in its property "
                    + property
                    + (count > failures.Count ? " (the first " + failures.Count + ")." : ".")
            );
    }

    private bool ShowsCalls =>
        MyInvocation.BoundParameters.TryGetValue("Debug", out var debug)
            ? ((SwitchParameter)debug).IsPresent
            : GetVariableValue("DebugPreference")?.ToString() is { } preference
                && !string.Equals(preference, "SilentlyContinue", StringComparison.OrdinalIgnoreCase)
                && !string.Equals(preference, "Ignore", StringComparison.OrdinalIgnoreCase);

    private bool ShowsProgress =>
        !string.Equals(
            GetVariableValue("ProgressPreference")?.ToString(),
            "SilentlyContinue",
            StringComparison.OrdinalIgnoreCase
        );
}
