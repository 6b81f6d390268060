using System;
using System.IO;
using HyperVBackup.Failures;

namespace HyperVBackup.Vss;

/// <summary>
/// The native part is not where it should be. Told apart from a part that is there and cannot be loaded.
/// </summary>
#pragma warning disable CA1032 // Nobody else makes one.
internal sealed class NativePartMissingException : FileNotFoundException
#pragma warning restore CA1032
{
    public NativePartMissingException(string file)
        : base("The file is not there.", file) { }
}

/// <summary>
/// What a loader's obscure exception means. Mixed-mode assemblies that lack the C++ runtime fail as if they themselves
/// were missing, or damaged.
/// </summary>
internal static class LoadFailures
{
    private const string Operation = "load AlphaVSS";

    /// <summary>Loads; a failure says what is missing and where to get it.</summary>
    /// <exception cref="BackupException"><see cref="FailureKind.ProviderUnavailable"/>.</exception>
    public static T Explain<T>(Func<T> load)
    {
        try
        {
            return load();
        }
        catch (NativePartMissingException e)
        {
            throw Unavailable(
                e.FileName ?? "AlphaVSS",
                "the file is missing",
                "Install the module again, complete.",
                e
            );
        }
        catch (FileNotFoundException e)
            when (e.FileName?.IndexOf("AlphaVSS.Common", StringComparison.OrdinalIgnoreCase) >= 0)
        {
            throw Unavailable(
                "AlphaVSS.Common.dll",
                "the file is missing",
                "Install the module again, complete. A module that was built without the AlphaVSS package cannot "
                    + "make shadow copies of this kind.",
                e
            );
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or DllNotFoundException)
        {
            throw Unavailable(
                "AlphaVSS",
                "the native part is there but cannot be loaded ("
                    + e.Message.Trim()
                    + "); as a rule the Visual C++ runtime is missing",
                "Install the Microsoft Visual C++ 2015-2022 Redistributable for this process's architecture "
                    + "(https://aka.ms/vs/17/release/vc_redist.x64.exe).",
                e
            );
        }
        catch (Exception e)
            when (e is NotSupportedException or TypeLoadException or MissingMemberException or InvalidOperationException
            )
        {
            throw Unavailable(
                "AlphaVSS",
                e.GetType().Name + ": " + e.Message,
                "Install the module again, complete, with AlphaVSS 2.0.3.",
                e
            );
        }
    }

    private static BackupException Unavailable(string target, string cause, string advice, Exception inner) =>
        new(
            new Failure(FailureKind.ProviderUnavailable, target, Operation, cause.TrimEnd('.'))
            {
                NativeCode = inner.HResult,
                Advice = advice,
            },
            inner
        );
}
