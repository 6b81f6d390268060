using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Shadows.Vss.Requester;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// The provider of this host, with the requester that it talks to Windows by: this program's own, or, where
/// <see cref="VssRequester.Variable"/> says so, AlphaVSS. Its adapter (<c>HyperVBackup.Vss.dll</c>, with AlphaVSS
/// beside it)
/// is then loaded at run time, from a package that was built with it.
/// </summary>
public static class VssProviderLoader
{
    internal const string AssemblyFile = "HyperVBackup.Vss.dll";
    internal const string FactoryType = "HyperVBackup.Vss.AlphaVssFactory";

    private const string Without =
        "Remove the environment variable "
        + VssRequester.Variable
        + ": no adapter is needed without it. "
        + "Only a package that was built with -p:AlphaVssPackage=true has this one, and a native program cannot "
        + "load it.";

    /// <summary>The provider for this host.</summary>
    /// <param name="journal">Where shadow sets are journalled.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="isRunning">What is known of a virtual machine's state beside what its writer says: true, false, or
    /// null where it is not known.</param>
    /// <param name="trace">Told every native call, in a line.</param>
    /// <exception cref="BackupException">
    /// <see cref="FailureKind.ProviderUnavailable"/>: not Windows, or the adapter of a requester that was chosen is
    /// missing or cannot be loaded.
    /// </exception>
    public static VssProvider Load(
        IShadowJournal journal,
        IClock clock,
        Func<Guid, bool?>? isRunning = null,
        Action<string>? trace = null
    )
    {
        if (!PathOf.IsWindows)
            throw new BackupException(VssPreflight.Check(new WindowsHostFacts())!);
        return new VssProvider(
            new VssServices
            {
                Factory = Choose(Environment.GetEnvironmentVariable(VssRequester.Variable), OwnFolder, trace),
                Volumes = new WindowsVolumes(),
                Journal = journal,
                Clock = clock,
                IsRunning = isRunning,
                NewThread = () => new VssThread(trace),
            }
        );
    }

    /// <summary>The factory of the requester that is wanted.</summary>
    /// <param name="wanted">What <see cref="VssRequester.Variable"/> says.</param>
    /// <param name="folder">Where an adapter would lie.</param>
    /// <param name="trace">Told what a requester has to say.</param>
    internal static IVssApiFactory Choose(string? wanted, string folder, Action<string>? trace) =>
        VssRequester.IsAlphaVss(wanted) ? LoadFactory(folder) : new BackupComponentsFactory(trace);

    // Of a module, its own folder; AppContext's would be PowerShell's.
    private static string OwnFolder =>
        Path.GetDirectoryName(typeof(VssProviderLoader).Assembly.Location) is { Length: > 0 } folder
            ? folder
            : AppContext.BaseDirectory;

    /// <summary>
    /// The factory, from a folder, or from where a module keeps one for each edition of PowerShell: <c>vss/net472</c>
    /// and <c>vss/net8.0</c> below it.
    /// </summary>
    internal static IVssApiFactory LoadFactory(string folder)
    {
        var edition = IsNetFramework ? "net472" : "net8.0";
        var candidates = new[]
        {
            folder,
            Path.Combine(folder, "vss", edition),
            Path.Combine(folder, "..", "vss", edition),
        }
            .Select(one => Path.GetFullPath(Path.Combine(one, AssemblyFile)))
            .ToList();
        var file =
            candidates.FirstOrDefault(File.Exists)
            ?? throw Unloadable(
                candidates[0],
                AssemblyFile
                    + ", the adapter to AlphaVSS, is in none of "
                    + string.Join(", ", candidates.Select(Path.GetDirectoryName)),
                null
            );
        try
        {
            if (IsNetFramework)
                AnswerForThisAssembly();
            var type = Assembly.LoadFrom(file).GetType(FactoryType, throwOnError: true)!;
            return (IVssApiFactory)Activator.CreateInstance(type, nonPublic: true)!;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or BadImageFormatException
                        or TypeLoadException
                        or InvalidCastException
                        or MissingMethodException
                        or TargetInvocationException
                        or PlatformNotSupportedException
            )
        {
            throw Unloadable(file, (e.InnerException ?? e).Message, e);
        }
    }

    private static bool IsNetFramework =>
        RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal);

    // .NET Framework looks for what the adapter refers to in the adapter's own folder, where this assembly is not.
    private static void AnswerForThisAssembly()
    {
        AppDomain.CurrentDomain.AssemblyResolve -= OnResolve;
        AppDomain.CurrentDomain.AssemblyResolve += OnResolve;
    }

    private static Assembly? OnResolve(object? sender, ResolveEventArgs wanted)
    {
        var own = typeof(VssProviderLoader).Assembly;
        return new AssemblyName(wanted.Name).Name == own.GetName().Name ? own : null;
    }

    private static BackupException Unloadable(string file, string cause, Exception? inner)
    {
        var failure = new Failure(FailureKind.ProviderUnavailable, file, "load the adapter to AlphaVSS", cause);
        return new BackupException(failure with { Advice = Without }, inner);
    }
}
