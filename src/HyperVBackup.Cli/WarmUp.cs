using System;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading;
using HyperVBackup.Host;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli;

/// <summary>
/// Loads what every run needs soon after its start, on a thread of its own, while the arguments are read and the plan
/// is checked: JSON for the lock and the states of sets, hashing,
/// and who this process is. Nothing depends on it.
/// </summary>
internal static class WarmUp
{
    /// <summary>Begins, for commands that run something.</summary>
    public static void Begin(string[] args)
    {
        if (args.Length < 2 || Environment.ProcessorCount < 2)
            return;
        new Thread(Load) { IsBackground = true, Name = "Warm-up" }.Start();
    }

    private static void Load()
    {
        try
        {
            Touch();
        }
#pragma warning disable CA1031 // Whoever needs it meets whatever is wrong, and says so.
        catch (Exception)
#pragma warning restore CA1031
        { }
    }

    // Apart: a method that needs what cannot be loaded fails before its first line.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Touch()
    {
        _ = JournalOwner.Current;
        _ = JObject.Parse("{\"a\":[1,\"b\",null,true]}").ToString();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([1]);
        _ = hash.GetHashAndReset();
    }
}
