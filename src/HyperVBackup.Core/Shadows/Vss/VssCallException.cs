using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss;

/// <summary>A VSS call failed: which, on what, and its HRESULT.</summary>
internal sealed class VssCallException : BackupException
{
    /// <summary>Makes one.</summary>
    /// <param name="call">The native call's name.</param>
    /// <param name="code">Its HRESULT.</param>
    /// <param name="message">What the system or the writer said, if anything.</param>
    /// <param name="target">What it was called for.</param>
    /// <param name="inner">The exception it arrived as.</param>
    public VssCallException(
        string call,
        int code,
        string? message = null,
        string target = "VSS",
        Exception? inner = null
    )
        : base(Describe(call, code, message, target), inner)
    {
        Call = call;
        Said = message;
        HResult = code;
    }

    /// <summary>The native call's name.</summary>
    public string Call { get; }

    /// <summary>What the system said beside the code.</summary>
    public string? Said { get; }

    /// <summary>What is known of its code.</summary>
    public VssHResult Code => VssHResult.Of(HResult);

    /// <summary>The same failure, for what the call was made.</summary>
    public VssCallException For(string target) => new(Call, HResult, Said, target, InnerException ?? this);

    /// <summary>
    /// Any exception of a native call as one of ours. Its HRESULT decides, whatever its type: some codes arrive as a
    /// bare <see cref="COMException"/>, others as an exception of .NET's own.
    /// </summary>
    public static VssCallException From(string call, Exception exception, string target) =>
        exception switch
        {
            VssCallException ours => ours.For(target),
            ExternalException native => new VssCallException(call, native.ErrorCode, native.Message, target, native),
            OperationCanceledException cancelled => new VssCallException(
                call,
                VssHResult.AsyncCancelled,
                null,
                target,
                cancelled
            ),
            _ => new VssCallException(
                call,
                exception.HResult,
                exception.GetType().Name + ": " + exception.Message,
                target,
                exception
            ),
        };

    private static Failure Describe(string call, int code, string? message, string target)
    {
        var row = VssHResult.Of(code);
        var cause =
            row.Text
            + ": "
            + row.Meaning
            + (string.IsNullOrWhiteSpace(message) ? "" : "; " + message!.Trim().TrimEnd('.'));
        var failure = new Failure(row.Kind, target, call, cause) { NativeCode = code };
        return row.Advice == null ? failure : failure with { Advice = row.Advice };
    }
}
