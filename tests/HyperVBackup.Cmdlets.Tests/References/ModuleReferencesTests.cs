using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace HyperVBackup.Cmdlets.Tests.References;

/// <summary>
/// The module finds everything it refers to, in both editions, so that nothing is missing only at an administrator's
/// console.
/// Reference assemblies stand for the shells: .NET Framework 4.7.2 and .NET 8, which are the oldest that the module
/// supports, and PowerShellStandard for both engines.
/// With HVBACKUP_TEST_MODULE (the manifest of a packaged module) it is that package; else what a package is made of,
/// from the build.
/// </summary>
public sealed class ModuleReferencesTests(ITestOutputHelper output)
{
    // A package holds these for both editions; see New-ModuleFolder in build.ps1.
    private static readonly string[] Shared =
    [
        "HyperVBackup.Core.dll",
        "HyperVBackup.Reports.dll",
        "HyperVBackup.Cmdlets.dll",
        "Newtonsoft.Json.dll",
    ];

    [Theory]
    [InlineData("net472")]
    [InlineData("net8.0")]
    public void Every_reference_of_the_module_leads_to_an_assembly_a_type_and_a_member(string framework)
    {
        using var edition = EditionOf(framework);
        foreach (var file in ModuleFiles(framework))
            edition.Load(file);
        Assert.True(
            edition.Module.Count() > Shared.Length || Package != null,
            "the second requester's adapter is missing"
        );

        var check = ReferenceCheck.Of(edition);

        output.WriteLine(
            framework
                + ": "
                + string.Join(", ", edition.Module.Select(file => file.Name.Name + " " + file.Name.Version))
                + ": followed "
                + check.Followed
        );
        Assert.True(check.Broken.Count == 0, string.Join(Environment.NewLine, check.Broken));
        Assert.True(
            check.Followed is { Assemblies: >= 3, Types: > 300, Members: > 1000 },
            "too few references were followed to be the module's: " + check.Followed
        );
    }

    [Theory]
    [InlineData("net472")]
    [InlineData("net8.0")]
    public void An_assembly_that_is_left_out_is_missed_with_its_types_and_members(string framework)
    {
        using var edition = EditionOf(framework);
        foreach (var file in ModuleFiles(framework).Where(file => Path.GetFileName(file) != "Newtonsoft.Json.dll"))
            edition.Load(file);
        var broken = ReferenceCheck.Of(edition).Broken;
        Assert.Contains(
            broken,
            problem =>
                problem.StartsWith("HyperVBackup.Core: Newtonsoft.Json, Version=", StringComparison.Ordinal)
                && problem.EndsWith("is neither in the module nor brought by the shell", StringComparison.Ordinal)
        );
        Assert.Contains(
            broken,
            problem =>
                problem.StartsWith(
                    "HyperVBackup.Core: the type Newtonsoft.Json.Linq.JObject is not in Newtonsoft.Json",
                    StringComparison.Ordinal
                )
        );
        Assert.Contains(
            broken,
            problem => problem.StartsWith("HyperVBackup.Core: the member ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void What_only_a_newer_framework_has_is_missed()
    {
        using var desktop = EditionOf("net472");
        desktop.Load(typeof(ModuleReferencesTests).Assembly.Location);
        Assert.Contains(
            ReferenceCheck.Of(desktop).Broken,
            problem => problem.Contains("System.Runtime, Version=10.", StringComparison.Ordinal)
        );

        // The adapter for .NET has a type that .NET Framework lacks: the load context.
        using var swapped = EditionOf("net472");
        foreach (var file in Shared.Select(name => Path.Combine(Built("module"), name)).Append(Adapter("net8.0")))
            swapped.Load(file);
        Assert.Contains(
            ReferenceCheck.Of(swapped).Broken,
            problem => problem.Contains("System.Runtime.Loader.AssemblyLoadContext", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Windows_PowerShell_takes_a_strong_name_of_that_version_only()
    {
        var json = Path.Combine(Built("module"), "Newtonsoft.Json.dll");
        using var desktop = EditionOf("net472");
        using var core = EditionOf("net8.0");
        desktop.Load(json);
        core.Load(json);
        var there = AssemblyName.GetAssemblyName(json);
        AssemblyName At(int major) => new(there.FullName) { Version = new Version(major, 0, 0, 0) };

        Assert.NotNull(desktop.Resolve(At(13), out _));
        Assert.Null(desktop.Resolve(At(12), out var why));
        Assert.Equal("is there as " + there, why);
        Assert.NotNull(core.Resolve(At(12), out _));
        Assert.Null(core.Resolve(At(14), out _));
    }

    private static string? Package =>
        Environment.GetEnvironmentVariable("HVBACKUP_TEST_MODULE") is { Length: > 0 } manifest
            ? Path.Combine(Path.GetDirectoryName(manifest)!, "lib")
            : null;

    private static IEnumerable<string> ModuleFiles(string framework)
    {
        foreach (var name in Shared)
            yield return Path.Combine(Package ?? Built("module"), name);
        var vss = Package == null ? Path.Combine(Built("adapter"), framework) : Path.Combine(Package, "vss", framework);
        if (!Directory.Exists(vss))
            yield break; // A package without the second requester, as they are made by default.

        // Not AlphaVSS's native parts: what a C++/CLI assembly refers to is resolved by its own rules.
        var files = Directory
            .GetFiles(vss, "*.dll")
            .Where(file => Path.GetFileName(file) is "HyperVBackup.Vss.dll" or "AlphaVSS.Common.dll")
            .ToList();
        foreach (var file in files)
            yield return file;

        // Where it was built without AlphaVSS, which is never shipped, its signatures stand for it.
        if (files.Count == 1)
            yield return Path.Combine(Built("signatures"), framework, "AlphaVSS.Common.dll");
    }

    private static string Adapter(string framework) =>
        Path.Combine(Built("adapter"), framework, "HyperVBackup.Vss.dll");

    private static Edition EditionOf(string framework)
    {
        var folder = Built(framework);
        var facades = Path.Combine(folder, "Facades");
        return new Edition(
            framework == "net472",
            Directory
                .GetFiles(folder, "*.dll")
                .Concat(Directory.Exists(facades) ? Directory.GetFiles(facades, "*.dll") : [])
                .Append(Built("PowerShell"))
        );
    }

    // Where the build found or put it; see the project file.
    private static string Built(string what) =>
        typeof(ModuleReferencesTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == what)
            .Value!;
}
