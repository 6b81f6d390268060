using System;
using System.Runtime.CompilerServices;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;

namespace HyperVBackup.Vss;

/// <summary>
/// Makes requesters of AlphaVSS, for who chooses them (<see cref="VssRequester"/>). Core finds it by this name.
/// Nothing in this class mentions a type of AlphaVSS, so that none is loaded before the host has been looked at, and
/// none ever off Windows.
/// </summary>
internal sealed class AlphaVssFactory : IVssApiFactory
{
    private static readonly Failure NoArm64 = new(
        FailureKind.ProviderUnavailable,
        "AlphaVSS",
        "make shadow copies",
        "its native part exists for x64 and x86 only"
    )
    {
        Advice =
            "Remove the environment variable "
            + VssRequester.Variable
            + ": the requester used without it runs on ARM64.",
    };

    private static int _isComSecured;
    private readonly Func<Func<IVssApi>> _load;
    private readonly Action _secureCom;
    private readonly object _gate = new();
    private Func<IVssApi>? _create;

    /// <summary>For this host.</summary>
    public AlphaVssFactory()
        : this(new WindowsHostFacts(), Load, () => ComSecurity.Initialize()) { }

    /// <summary>For a host with these facts.</summary>
    /// <param name="host">The facts.</param>
    /// <param name="load">Loads the native part and gives the way to make instances of it.</param>
    /// <param name="secureCom">Sets the process's COM security, on the thread that will make the first call.</param>
    public AlphaVssFactory(IHostFacts host, Func<Func<IVssApi>> load, Action secureCom)
    {
        Host = host;
        _load = load;
        _secureCom = secureCom;
    }

    /// <inheritdoc/>
    public IHostFacts Host { get; }

    /// <inheritdoc/>
    public Failure? WhyNot()
    {
        if (Preflight() is { } failure)
            return failure;
        try
        {
            Native();
            return null;
        }
        catch (BackupException e)
        {
            return e.Failure;
        }
    }

    /// <inheritdoc/>
    public IVssApi Create(IAsyncLimit? limit)
    {
        if (Preflight() is { } failure)
            throw new BackupException(failure);
        var native = Native();
        if (Volatile.Read(ref _isComSecured) == 0)
        {
            // Twice by two threads is harmless: the second is told that it is too late.
            _secureCom();
            Volatile.Write(ref _isComSecured, 1);
        }

        return native();
    }

    /// <summary>As if no instance had been made in this process. For tests.</summary>
    internal static void ForgetComSecurity() => _isComSecured = 0;

    private Failure? Preflight() => Host.IsArm64 ? NoArm64 : VssPreflight.Check(Host);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Func<IVssApi> Load() => AlphaVssLoader.Load();

    private Func<IVssApi> Native()
    {
        lock (_gate)
            return _create ??= LoadFailures.Explain(_load);
    }
}
