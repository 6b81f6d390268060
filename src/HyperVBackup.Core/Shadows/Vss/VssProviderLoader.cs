using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Finds the part that talks to Windows (<c>HyperVBackup.Vss.dll</c>, with AlphaVSS beside it) at run time, so that nothing of it is loaded, or needed, anywhere else.
/// </summary>
public static class VssProviderLoader
{
    internal const string AssemblyFile = "HyperVBackup.Vss.dll";
    internal const string FactoryType = "HyperVBackup.Vss.AlphaVssFactory";

    /// <summary>The provider for this host.</summary>
    /// <param name="journal">Where shadow sets are journalled.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="isRunning">What is known of a virtual machine's state beside what its writer says: true, false, or null where it is not known.</param>
    /// <param name="trace">Told every native call, in a line.</param>
    /// <exception cref="BackupException"><see cref="FailureKind.ProviderUnavailable"/>: not Windows, or the part that talks to it is missing or cannot be loaded.</exception>
    public static VssProvider Load(IShadowJournal journal, IClock clock, Func<Guid, bool?>? isRunning = null, Action<string>? trace = null)
    {
        if (!PathOf.IsWindows) throw new BackupException(VssPreflight.Check(new WindowsHostFacts())!);
        return new VssProvider(new VssServices
        {
            Factory = LoadFactory(OwnFolder),
            Volumes = new WindowsVolumes(),
            Journal = journal,
            Clock = clock,
            IsRunning = isRunning,
            NewThread = () => new VssThread(trace),
        });
    }

    // Of a module, its own folder; AppContext's would be PowerShell's.
    private static string OwnFolder => Path.GetDirectoryName(typeof(VssProviderLoader).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;

    /// <summary>The factory, from a folder, or from where a module keeps one for each edition of PowerShell: <c>vss/net472</c> and <c>vss/net8.0</c> below it.</summary>
    internal static IVssApiFactory LoadFactory(string folder)
    {
        var edition = RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal) ? "net472" : "net8.0";
        var candidates = new[] { folder, Path.Combine(folder, "vss", edition), Path.Combine(folder, "..", "vss", edition) }.Select(one => Path.GetFullPath(Path.Combine(one, AssemblyFile))).ToList();
        var file = candidates.FirstOrDefault(File.Exists) ?? throw Unloadable(candidates[0], "it is in none of " + string.Join(", ", candidates.Select(Path.GetDirectoryName)), null);
        try
        {
            var type = Assembly.LoadFrom(file).GetType(FactoryType, throwOnError: true)!;
            return (IVssApiFactory)Activator.CreateInstance(type, nonPublic: true)!;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or InvalidCastException or MissingMethodException or TargetInvocationException)
        {
            throw Unloadable(file, (e.InnerException ?? e).Message, e);
        }
    }

    private static BackupException Unloadable(string file, string cause, Exception? inner) =>
        new(new Failure(FailureKind.ProviderUnavailable, file, "load the part that talks to the Volume Shadow Copy service", cause) { Advice = "Install the module again, complete." }, inner);
}
