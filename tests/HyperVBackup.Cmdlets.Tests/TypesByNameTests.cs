using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Cmdlets.Pump;
using HyperVBackup.Reports;
using HyperVBackup.Runs;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Cmdlets.Tests;

/// <summary>
/// Views, help, suites and documents name types in texts that no compiler reads: each of them exists.
/// </summary>
public sealed class TypesByNameTests
{
    private static readonly Regex Name = new(@"\bHyperVBackup(?:\.[A-Z]\w*)+(?:\+\w+)?", RegexOptions.CultureInvariant);

    // Names that are no types: projects and their files, namespaces in prose.
    private static readonly string[] Projects =
    {
        "HyperVBackup.Core",
        "HyperVBackup.Cmdlets",
        "HyperVBackup.Cli",
        "HyperVBackup.Vss",
        "HyperVBackup.Reports",
        "HyperVBackup.Format",
        "HyperVBackup.Types",
        "HyperVBackup.Bench",
        "HyperVBackup.Module",
        "HyperVBackup.Tests",
    };

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        if (Repository.Folder.Length == 0)
            return files;
        var named = new[] { ("module", ".ps1xml"), ("module", ".psm1"), ("module", ".ps1"), ("tests/pester", ".ps1") }
            .SelectMany(place => Repository.Files(place.Item1, place.Item2))
            .Concat(Repository.Files("docs", ".md"))
            .Where(file => Named(file).Any());
        foreach (var file in named)
            files.Add(Path.GetRelativePath(Repository.Folder, file).Replace('\\', '/'));
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_type_that_it_names_exists(string file)
    {
        var missing = Named(Repository.PathOf(file)).Distinct().Where(name => !Exists(name));
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("module/HyperVBackup.Format.ps1xml")]
    [InlineData("module/HyperVBackup.Types.ps1xml")]
    public void The_views_name_types(string file) => Assert.NotEmpty(Named(Repository.PathOf(file)));

    // A view's own name, in <Name>, is no type's: it is what Format-Table -View asks for.
    private static IEnumerable<string> Named(string file)
    {
        var text = File.ReadAllText(file);
        if (file.EndsWith("Format.ps1xml", StringComparison.Ordinal))
            text = Regex.Replace(text, "<Name>.*?</Name>", "");
        return Name.Matches(text)
            .Select(match => match.Value)
            .Where(name =>
                !Projects.Any(project => name == project || name.StartsWith(project + ".", StringComparison.Ordinal))
            );
    }

    private static bool Exists(string name) =>
        new[] { typeof(BackupRun).Assembly, typeof(BackupReport).Assembly, typeof(WorkPump).Assembly }.Any(assembly =>
            assembly.GetType(name) != null
            || (assembly.GetType(name.Substring(0, name.LastIndexOf('.'))) is { } type && HasMember(type, name))
        );

    // A static member: HyperVBackup.Text.HumanText.Size.
    private static bool HasMember(Type type, string name) =>
        type.GetMember(name.Substring(name.LastIndexOf('.') + 1)).Length > 0;
}
