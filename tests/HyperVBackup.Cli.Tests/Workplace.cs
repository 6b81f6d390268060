using System;
using System.IO;
using System.Linq;
using System.Threading;
using HyperVBackup.Files;
using HyperVBackup.Host;
using HyperVBackup.Tests;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// A host for one test: folders C, D and E that stand for its disks, a state folder, and <c>hvbackup</c> to run on
/// them.
/// </summary>
internal sealed class Workplace : IDisposable
{
    private readonly TempFolder _folder = new();

    public Workplace()
    {
        foreach (var disk in new[] { "C", "D", "E" })
            _folder.Folder(disk);
    }

    public string C => _folder["C"];

    public string D => _folder["D"];

    public string E => _folder["E"];

    public string State => _folder["state"];

    public string TemporaryFolder => _folder.Folder("temp");

    public string this[string relative] => _folder[relative];

    public string Write(string relative, string content) => _folder.Write(relative, content);

    public string Write(string relative, byte[] content) => _folder.Write(relative, content);

    /// <summary>Writes so many bytes that look random and are the same for the same seed.</summary>
    public string Fill(string relative, int bytes, int seed = 1)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return _folder.Write(relative, content);
    }

    /// <summary>Runs a command, in this process unless a program is given to be tested.</summary>
    public Ran Run(params string[] args) =>
        HvBackup.Shipped != null ? HvBackup.Run(this, args) : Run(CancellationToken.None, args);

    /// <summary>Runs a command in this process.</summary>
    public Ran Run(CancellationToken cancel, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = Program.Run(
            args,
            new Surroundings
            {
                Output = output,
                Error = error,
                State = new StateFolder(State),
                TemporaryFolder = TemporaryFolder,
                Cancel = cancel,
            }
        );
        return new Ran(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>
    /// Writes the plan of the seed: the configuration to D and E, system disks to E, data disks to D.
    /// </summary>
    public string WriteSeedPlan()
    {
        Write("C/ProgramData/Microsoft/Windows/Hyper-V/Virtual Machines/web.xml", "<web/>");
        Write("C/ProgramData/Microsoft/Windows/Hyper-V/readme.txt", "no configuration");
        Fill("D/SystemVHD/web.vhd", 12_000_000, 1);
        Fill("E/DataVHD/data.vhdx", 2_000_000, 2);
        return Write(
            "plan.json",
            """
            {
              // Relative to this file.
              "name": "nightly", "sets": ["SetA", "SetB"],
              "jobs": [
                { "source": "C/ProgramData/Microsoft/Windows/Hyper-V", 
                  "include": ["*.vmcx","*.vmrs","*.vmgs","*.xml"], "folder": "CFG", "targets": ["D", "E"] },
                { "source": "D/SystemVHD", "folder": "VHD", "targets": ["E"] },
                { "source": "E/DataVHD", "folder": "VHD", "targets": ["D"] } ],
              "shadow": { "provider": "copy" }
            }
            """
        );
    }

    /// <summary>The names and bytes below a folder, to compare.</summary>
    public string[] Snapshot(string relative) =>
        Directory
            .EnumerateFiles(this[relative], "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file =>
                PathOf.Full(file)
                + " "
                + File.GetLastWriteTimeUtc(file).Ticks
                + " "
                + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))
            )
            .ToArray();

    public void Dispose() => _folder.Dispose();
}

/// <summary>What a command did.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error)
{
    /// <summary>The one object on standard output.</summary>
    public JObject Json
    {
        get
        {
            using var reader = new JsonTextReader(new StringReader(Output))
            {
                DateParseHandling = DateParseHandling.None,
            };
            var json = JObject.Load(reader);
            return reader.Read()
                ? throw new InvalidOperationException("Something follows the object: " + Output)
                : json;
        }
    }
}
