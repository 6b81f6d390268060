using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace HyperVBackup.Module.Tests;

/// <summary>
/// Every suite once, two at a time and the longest files first, each in a process of its own, on one module folder.
/// </summary>
public sealed class SuiteRuns : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("hvbackup-module").FullName;
    private readonly SemaphoreSlim _slots = new(2);
    private readonly Lazy<IReadOnlyDictionary<string, Task<SuiteResult>>> _runs;

    public SuiteRuns() => _runs = new(() => Start(Package()));

    /// <summary>The suites' names: Backup for Backup.Tests.ps1.</summary>
    public static IEnumerable<string> Names =>
        Directory
            .GetFiles(PesterFolder, "*.Tests.ps1")
            .OrderByDescending(file => new FileInfo(file).Length)
            .Select(file => Path.GetFileName(file)[..^".Tests.ps1".Length]);

    private static string PesterFolder => Path.Combine(Brought.Repository, "tests", "pester");

    /// <summary>What became of a suite.</summary>
    internal Task<SuiteResult> Of(string suite) => _runs.Value[suite];

    public void Dispose()
    {
        _slots.Dispose();
        try
        {
            Directory.Delete(_folder, true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It lies in the temporary folder.
        }
    }

    private Dictionary<string, Task<SuiteResult>> Start(Task<string> module) =>
        Names.ToDictionary(name => name, name => Task.Run(() => Run(name, module)));

    private async Task<string> Package()
    {
        var (exitCode, output) = await Shell.Run(
            Limit,
            Path.Combine(Brought.Repository, "build.ps1"),
            "-Task",
            "Module",
            "-Configuration",
            Brought.Configuration,
            "-Output",
            _folder
        );
        var manifest = Directory.GetFiles(_folder, "HyperVBackup.psd1", SearchOption.AllDirectories);
        if (exitCode != 0 || manifest.Length != 1)
            throw new InvalidOperationException("No module was made:\n" + output);
        return Path.GetDirectoryName(manifest[0])!;
    }

    private async Task<SuiteResult> Run(string suite, Task<string> module)
    {
        var folder = await module;
        await _slots.WaitAsync();
        try
        {
            var result = Path.Combine(_folder, suite + ".xml");
            var (exitCode, output) = await Shell.Run(
                Limit,
                Path.Combine(PesterFolder, "Run.ps1"),
                "-ModuleFolder",
                folder,
                "-Filter",
                suite,
                "-Pester",
                Brought.Pester,
                "-Result",
                result
            );
            return SuiteResult.Read(result, exitCode, output);
        }
        finally
        {
            _slots.Release();
        }
    }
}
