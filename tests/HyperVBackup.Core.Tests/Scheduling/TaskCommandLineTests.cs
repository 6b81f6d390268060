using System;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using HyperVBackup.Scheduling;
using Xunit;

namespace HyperVBackup.Tests.Scheduling;

/// <summary>
/// The command of a task, on its way through Task Scheduler and the command line to PowerShell. That it does what it
/// should is shown in tests/pester.
/// </summary>
public sealed class TaskCommandLineTests
{
    [Theory]
    [InlineData("", "''")]
    [InlineData(@"C:\Backup\nightly.json", @"'C:\Backup\nightly.json'")]
    [InlineData(@"C:\it's here\", @"'C:\it''s here\'")]
    [InlineData("‘a’ ‚b‛", "'‘‘a’’ ‚‚b‛‛'")]
    [InlineData(@"C:\Überstunden 日本\$x;`n&|()", @"'C:\Überstunden 日本\$x;`n&|()'")]
    [InlineData("100%", "('100'+[char]37)")]
    [InlineData("%TEMP%x", "(''+[char]37+'TEMP'+[char]37+'x')")]
    [InlineData("a$(Arg0)", "('a'+[char]36+'(Arg0)')")]
    [InlineData("a\"b", "('a'+[char]34+'b')")]
    public void A_path_is_a_text_and_nothing_else(string path, string expression) =>
        Assert.Equal(expression, PowerShellText.Literal(path));

    [Fact]
    public void What_XML_cannot_hold_is_written_by_its_number() =>
        Assert.Equal("(''+[char]10+[char]55296+'\ud83d\ude00')", PowerShellText.Literal("\n\ud800\ud83d\ude00"));

    [Theory]
    [InlineData(@"C:\a%b\n.json")]
    [InlineData("C:\\a\"; exit 0 #\\n.json")]
    [InlineData(@"C:\$(Arg0)\n.json")]
    public void Nothing_in_it_means_anything_on_the_way(string path)
    {
        var arguments = (TaskXmlTests.Task() with { Plan = path, Manifest = path }).Arguments;
        Assert.DoesNotContain("%", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("$(", arguments, StringComparison.Ordinal);
        // The two around the command.
        Assert.Equal(3, arguments.Split('"').Length);
        Assert.EndsWith("exit $code\"", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void It_imports_the_newest_version_from_the_folder_of_the_one_that_registers_it()
    {
        var modules = PathOf.IsWindows ? @"C:\Modules" : "/modules";
        var module = PathOf.Join(modules, "HyperVBackup");
        Assert.Equal(module, TaskCommandLine.ModuleReference(PathOf.Join(module, "0.1.0/HyperVBackup.psd1")));
        Assert.Equal(
            PathOf.Join(module, "HyperVBackup.psd1"),
            TaskCommandLine.ModuleReference(PathOf.Join(module, "HyperVBackup.psd1"))
        );
        Assert.Equal(
            PathOf.Join(modules, "Other/0.1.0/HyperVBackup.psd1"),
            TaskCommandLine.ModuleReference(PathOf.Join(modules, "Other/0.1.0/HyperVBackup.psd1"))
        );
    }

    [Fact]
    public void A_module_folder_with_marks_of_patterns_is_named_by_its_manifest()
    {
        var manifest = PathOf.IsWindows
            ? @"C:\a[b]\HyperVBackup\0.1.0\HyperVBackup.psd1"
            : "/a[b]/HyperVBackup/0.1.0/HyperVBackup.psd1";
        Assert.Equal(manifest, TaskCommandLine.ModuleReference(manifest));
        Assert.Contains("a`[b`]", TaskCommandLine.Arguments(manifest, "x"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("powershell", null, @"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe")]
    [InlineData("PWSH", null, @"%ProgramFiles%\PowerShell\7\pwsh.exe")]
    [InlineData("pwsh", @"D:\PS7\", @"D:\PS7\pwsh.exe")]
    public void The_shell_is_named_by_its_path(string shell, string? home, string path) =>
        Assert.Equal(path, TaskShell.Resolve(shell, home, null));

    [Fact]
    public void A_shell_that_a_task_cannot_start_is_refused()
    {
        Assert.Contains(
            "Microsoft Store",
            Assert
                .Throws<PlanException>(() =>
                    TaskShell.Resolve("pwsh", @"C:\Program Files\WindowsApps\Microsoft.PowerShell_7.4", null)
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is no shell",
            Assert.Throws<PlanException>(() => TaskShell.Resolve("bash", null, null)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "install PowerShell 7",
            Assert.Throws<PlanException>(() => TaskShell.Resolve("pwsh", null, _ => false)).Message,
            StringComparison.Ordinal
        );
    }
}
