using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>Decides, after each phase, whether the writers did what the backup needs.</summary>
internal static class WriterJudge
{
    private const int UnexpectedWriterError = unchecked((int)0x80042315);

    /// <summary>Judges.</summary>
    /// <param name="call">The phase: the call after which the writers were asked.</param>
    /// <param name="statuses">What they answered.</param>
    /// <param name="scope">What the backup is of. The writers of its virtual machines must not fail; others only earn a
    /// warning.</param>
    /// <param name="outcomes">Asks what the writers noted on each component. Only called when a writer failed.</param>
    /// <returns>A warning for each other writer that failed.</returns>
    /// <exception cref="VssWriterException">A writer that the backup needs failed.</exception>
    public static IReadOnlyList<string> Judge(
        string call,
        IReadOnlyList<WriterStatus> statuses,
        VssScope scope,
        Func<IReadOnlyList<ComponentOutcome>> outcomes
    )
    {
        var failed = statuses.Where(status => status.IsFailed).ToList();
        if (scope.Machines.Count > 0)
        {
            var needed =
                failed.FirstOrDefault(status => status.WriterId == HyperVWriter.ClassId)
                ?? failed.FirstOrDefault(status => status.WriterId == HyperVWriter.ClusterClassId);
            if (needed != null)
                throw Failed(call, needed, scope, outcomes());
            if (statuses.All(status => status.WriterId != HyperVWriter.ClassId))
                throw Failed(
                    call,
                    new WriterStatus(
                        Guid.Empty,
                        HyperVWriter.ClassId,
                        "Microsoft Hyper-V VSS Writer",
                        WriterState.Unknown,
                        VssHResult.WriterNotResponding
                    ),
                    scope,
                    Array.Empty<ComponentOutcome>()
                );
        }

        return failed
            .Select(status => "Writer " + status.Name + " failed after " + call + ": " + Words(status))
            .ToList();
    }

    private static VssWriterException Failed(
        string call,
        WriterStatus status,
        VssScope scope,
        IReadOnlyList<ComponentOutcome> outcomes
    )
    {
        var told = outcomes
            .Where(outcome =>
                outcome.Component.WriterId == status.WriterId
                && (outcome.Failure < 0 || outcome.ApplicationCode != 0 || !string.IsNullOrEmpty(outcome.Message))
            )
            .ToList();
        var machines = scope
            .Machines.Where(machine =>
                told.Any(outcome => Guid.TryParse(outcome.Component.Name, out var id) && id == machine.Id)
            )
            .ToList();
        if (machines.Count == 0)
            machines = scope.Machines.ToList();

        // A component's own code says more than that the writer failed for some.
        var code = CodeOf(status);
        if (
            code.Code == VssHResult.WriterPartialFailure
            && told.FirstOrDefault(outcome => outcome.Failure < 0) is { } first
        )
            code = VssHResult.Of(first.Failure);
        var cause =
            Words(status)
            + string.Concat(told.Select(outcome => "; " + NameOf(outcome, scope) + ": " + Words(outcome)));
        var failure = new Failure(
            FailureKind.WriterFailed,
            status.Name + " (" + string.Join(", ", machines.Select(machine => machine.Name)) + ")",
            call,
            cause
        )
        {
            NativeCode = code.Code,
        };
        return new VssWriterException(
            Advised(failure, code, scope, machines),
            code,
            machines.ConvertAll(machine => machine.Id)
        );
    }

    private static Failure Advised(
        Failure failure,
        VssHResult code,
        VssScope scope,
        IReadOnlyList<HyperVMachine> machines
    )
    {
        var missing =
            code.Retry == VssRetry.CompleteRequest
                ? machines.SelectMany(scope.MissingFor).Distinct().ToList()
                : new List<string>();
        if (missing.Count > 0)
            return failure with { Advice = "Add the volumes that the set lacks: " + string.Join(", ", missing) + "." };
        return code.Advice == null ? failure : failure with { Advice = code.Advice };
    }

    private static VssHResult CodeOf(WriterStatus status) =>
        VssHResult.Of(status.Failure < 0 ? status.Failure : UnexpectedWriterError);

    private static string Words(WriterStatus status)
    {
        var code = CodeOf(status);
        return code.Text
            + ": "
            + code.Meaning
            + "; its state is "
            + status.State
            + Said(status.ApplicationCode ?? 0, status.ApplicationMessage);
    }

    private static string Words(ComponentOutcome outcome) =>
        (outcome.Failure < 0 ? VssHResult.Of(outcome.Failure).Text : "failed")
        + Said(outcome.ApplicationCode, outcome.Message);

    private static string Said(int code, string? message) =>
        (string.IsNullOrWhiteSpace(message) ? "" : "; it says: " + message!.Trim().TrimEnd('.'))
        + (code == 0 ? "" : string.Format(CultureInfo.InvariantCulture, "; its own code is 0x{0:X8}", code));

    private static string NameOf(ComponentOutcome outcome, VssScope scope) =>
        scope
            .Machines.FirstOrDefault(machine => Guid.TryParse(outcome.Component.Name, out var id) && id == machine.Id)
            ?.Name
        ?? outcome.Component.Name;
}
