using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using HyperVBackup.Machines;
using HyperVBackup.Shadows.Vss;
using HyperVBackup.Shadows.Vss.Requester;
using Xunit;

namespace HyperVBackup.Tests.Vss.Requester;

/// <summary>
/// The native vssapi.dll of tests/wine/fakevss, in this process: it does what a script says, writes every call down,
/// and counts the objects and strings that it handed out. Its interfaces are compiled from Debian's vsbackup.h, and
/// know nothing of ours.
/// </summary>
internal sealed unsafe class NativeVss : IDisposable
{
    private const int InstanceOnly = 1;
    private static readonly string? Folder = Environment.GetEnvironmentVariable("HVBACKUP_TEST_VSSAPI");

    /// <summary>The Hyper-V writer's class and instance, as the library has them.</summary>
    public static readonly Guid Instance = new("11111111-2222-3333-4444-555566667777");

    public const string Machine = "0A1B2C3D-1111-2222-3333-444455556666";
    public const string Other = "0A1B2C3D-1111-2222-3333-777788889999";
    public const string Volume = @"\\?\Volume{00000000-0000-0000-0000-000000000054}\";

    private static readonly string[] Machines =
    {
        @"machine|" + Machine + @"|Online\web01|T:\VMs\web01\Virtual Hard Disks|web01.vhdx|0",
        @"machine|" + Machine + @"|Online\web01|T:\VMs\web01\Virtual Machines|*|1",
        @"machine|" + Other + @"||T:\VMs\db01|*|1",
    };

    private NativeVss() { }

    /// <summary>A component of the first machine.</summary>
    public static ComponentKey Component { get; } =
        new(Instance, HyperVWriter.ClassId, ComponentType.FileGroup, null, Machine);

    /// <summary>Of the second machine, in the form in which everything is given.</summary>
    public static ComponentKey OtherComponent { get; } =
        new(Instance, HyperVWriter.ClassId, ComponentType.FileGroup, "the path", Other);

    /// <summary>Begins afresh, with two machines and what else a script says; see tests/wine/fakevss/fake.h.</summary>
    public static NativeVss Begin(params string[] script)
    {
        Assert.SkipWhen(Folder == null, "It needs the vssapi.dll that tests/wine/run makes and brings.");
        Script(script);
        File.Delete(Path.Combine(Folder!, "shadows.txt"));
        File.Delete(Path.Combine(Folder!, "calls.log"));
        return new NativeVss();
    }

    /// <summary>Another script for what follows. What was counted by name begins afresh.</summary>
    public static void Script(params string[] script)
    {
        var all = script.Any(line => line.StartsWith("machine|", StringComparison.Ordinal))
            ? script
            : Machines.Concat(script);
        fixed (char* text = string.Join("\n", all))
            FakeVssScript(text);
    }

    /// <summary>What was called since the beginning, or since it was last asked for.</summary>
    public static string[] Calls()
    {
        var file = Path.Combine(Folder!, "calls.log");
        var lines = File.Exists(file) ? File.ReadAllLines(file) : Array.Empty<string>();
        File.Delete(file);
        return lines;
    }

    /// <summary>What the library has handed out and not been given back.</summary>
    public static string Living()
    {
        var text = stackalloc char[1000];
        FakeVssLiving(text, 1000);
        return new string(text);
    }

    /// <summary>An instance, as far as a phase of a backup.</summary>
    public static IVssApi At(string phase, IAsyncLimit? limit = null)
    {
        IVssApi api = BackupComponents.Create(limit);
        try
        {
            Advance(api, phase);
            return api;
        }
        catch
        {
            api.Dispose();
            throw;
        }
    }

    /// <summary>Nothing is left, whatever was tried.</summary>
    public void Dispose() => Assert.Equal("", Living());

    /// <summary>Only the instance itself is left.</summary>
    public static void OnlyTheInstanceLives() => Assert.Equal(InstanceOnly + " IVssBackupComponents", Living());

    private static void Advance(IVssApi api, string phase)
    {
        foreach (
            var (name, step) in new (string, Action)[]
            {
                ("created", () => { }),
                ("initialized", () => api.InitializeForBackup(null)),
                ("context", () => api.SetContext(phase == "all" ? SnapshotContext.All : SnapshotContext.AppRollback)),
                ("all", () => { }),
                ("state", () => api.SetBackupState(true, false, BackupType.Full, false)),
                ("gathered", api.GatherWriterMetadata),
                ("added", () => Add(api)),
                ("started", () => api.StartSnapshotSet()),
                ("volume", () => api.AddToSnapshotSet(Volume)),
                ("prepared", api.PrepareForBackup),
                ("status", api.GatherWriterStatus),
                ("freed", api.FreeWriterStatus),
                ("done", api.DoSnapshotSet),
            }
        )
        {
            step();
            if (name == phase)
                return;
        }

        throw new ArgumentException("no such phase", nameof(phase));
    }

    private static void Add(IVssApi api)
    {
        api.AddComponent(Component);
        api.AddComponent(OtherComponent);
    }

    [DllImport("vssapi.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern void FakeVssScript(char* text);

    [DllImport("vssapi.dll", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern void FakeVssLiving(char* text, int length);
}
