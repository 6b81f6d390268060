using System;
using HyperVBackup.Failures;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// Makes requesters of Windows' own vssapi.dll, which is there on every Windows that has the service: nothing has to
/// be installed for it.
/// </summary>
internal sealed class BackupComponentsFactory : IVssApiFactory
{
    private static readonly object Gate = new();
    private static bool _isComSecured;
    private readonly Func<IAsyncLimit?, IVssApi> _create;
    private readonly Func<string?> _secureCom;
    private readonly Action<string>? _trace;

    /// <summary>For this host.</summary>
    /// <param name="trace">Told, once, what is not as it should be and does not keep a backup from being made.</param>
    public BackupComponentsFactory(Action<string>? trace)
        : this(new WindowsHostFacts(), BackupComponents.Create, ComSecurity.Initialize, trace) { }

    /// <summary>For a host with these facts.</summary>
    /// <param name="host">The facts.</param>
    /// <param name="create">Makes an instance.</param>
    /// <param name="secureCom">Prepares the process for COM, on the thread that will make the first call, and says
    /// what is not as it should be.</param>
    /// <param name="trace">Told that.</param>
    internal BackupComponentsFactory(
        IHostFacts host,
        Func<IAsyncLimit?, IVssApi> create,
        Func<string?> secureCom,
        Action<string>? trace
    )
    {
        Host = host;
        _create = create;
        _secureCom = secureCom;
        _trace = trace;
    }

    /// <inheritdoc/>
    public IHostFacts Host { get; }

    /// <inheritdoc/>
    public Failure? WhyNot() => VssPreflight.Check(Host);

    /// <inheritdoc/>
    public IVssApi Create(IAsyncLimit? limit)
    {
        if (WhyNot() is { } failure)
            throw new BackupException(failure);
        SecureCom();
        try
        {
            return _create(limit);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new BackupException(Missing(e), e);
        }
    }

    /// <summary>As if no instance had been made in this process. For tests.</summary>
    internal static void ForgetComSecurity()
    {
        lock (Gate)
            _isComSecured = false;
    }

    private void SecureCom()
    {
        lock (Gate)
        {
            if (_isComSecured)
                return;
            if (_secureCom() is { } note)
                _trace?.Invoke(note);
            _isComSecured = true;
        }
    }

    private static Failure Missing(Exception exception)
    {
        var cause = exception.Message.Trim().TrimEnd('.');
        return new Failure(FailureKind.ProviderUnavailable, "vssapi.dll", "load it", cause)
        {
            NativeCode = exception.HResult,
            Advice = "It is a part of Windows, in System32: repair Windows (sfc /scannow). Nano Server lacks it.",
        };
    }
}
