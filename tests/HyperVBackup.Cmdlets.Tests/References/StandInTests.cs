using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace HyperVBackup.Cmdlets.Tests.References;

/// <summary>
/// The signatures that stand for AlphaVSS while the adapter to it is compiled and tested: they have its identity, so
/// that the adapter finds the real one, and are shipped nowhere.
/// With HVBACKUP_TEST_MODULE (the manifest of a packaged module) it is that package that must not have them; else
/// what a package is made of, from the build.
/// </summary>
public sealed class StandInTests
{
    private const string File = "AlphaVSS.Common.dll";

    [Theory]
    [InlineData("net472")]
    [InlineData("net8.0")]
    public void It_has_the_identity_of_AlphaVSS_2_0_3(string framework)
    {
        var name = AssemblyName.GetAssemblyName(StandIn(framework));
        Assert.Equal(
            "AlphaVSS.Common, Version=2.0.0.0, Culture=neutral, PublicKeyToken=959d3993561034e3",
            name.FullName
        );
    }

    [Theory]
    [InlineData("net472")]
    [InlineData("net8.0")]
    public void The_adapter_asks_for_that_identity(string framework)
    {
        var adapter = Path.Combine(Built("adapter"), framework, "HyperVBackup.Vss.dll");
        using var file = new PEReader(System.IO.File.OpenRead(adapter));
        var metadata = file.GetMetadataReader();
        var wanted = metadata
            .AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName())
            .Single(name => name.Name == "AlphaVSS.Common");
        Assert.Equal(AssemblyName.GetAssemblyName(StandIn(framework)).FullName, wanted.FullName);
    }

    [Fact]
    public void It_is_shipped_with_neither_the_module_nor_the_program()
    {
        var shipped = Environment.GetEnvironmentVariable("HVBACKUP_TEST_MODULE") is { Length: > 0 } manifest
            ? [Path.GetDirectoryName(manifest)!]
            : new[] { Built("module"), Built("program") };
        var signatures = new[] { "net472", "net8.0" }
            .Select(framework => System.IO.File.ReadAllBytes(StandIn(framework)))
            .ToList();
        foreach (
            var file in shipped
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.GetFiles(folder, File, SearchOption.AllDirectories))
        )
            Assert.DoesNotContain(System.IO.File.ReadAllBytes(file), signatures);
    }

    private static string StandIn(string framework) => Path.Combine(Built("signatures"), framework, File);

    private static string Built(string what) =>
        typeof(StandInTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == what)
            .Value!;
}
