using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

/// <summary>Who may change what only administrators should.</summary>
public class PermissionsTests
{
    private static IFileSystem Files => FileSystems.Current;

    [Theory]
    [InlineData("700", null)]
    [InlineData("755", null)] // others may read it, and that is for its owner to decide
    [InlineData("770", "the group")]
    [InlineData("702", "everybody")]
    [InlineData("1777", "everybody")]
    public void The_write_bits_of_others_are_told(string mode, string? who)
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        FileTools.SetMode(folder, mode);
        var found = Files.WhoElseMayWrite(folder);
        if (who == null)
            Assert.Null(found);
        else
            Assert.StartsWith(who, found!);
        FileTools.SetMode(folder, "700");
    }

    [Fact]
    public void The_remedy_can_be_pasted_into_a_shell_whatever_the_name()
    {
        Platform.NeedsPosix();
        using var folder = new TempFolder();
        var open = folder.Folder("it's; id #");
        FileTools.SetMode(open, "777");
        Assert.Contains("chmod go-w '" + folder.Path + "/it'\\''s; id #'", Permissions.Problem(Files, open)!.Advice);
    }

    [Fact]
    public void What_belongs_to_somebody_else_is_told_and_what_to_do()
    {
        Platform.NeedsPosix();
        Assert.SkipUnless(Platform.IsRoot, "needs root, to give a folder away");
        using var folder = new TempFolder();
        Assert.Null(Permissions.Problem(Files, folder));
        Files.SetMetadata(folder, Files.Find(folder)! with { Owner = 12345 });
        var problem = Permissions.Problem(Files, folder)!;
        Assert.Equal((FailureKind.InsecurePermissions, "it belongs to the user 12345"), (problem.Kind, problem.Cause));
        Assert.Contains("chown -h root '" + folder.Path + "'", problem.Advice);
    }

    [Fact]
    public void What_is_not_there_is_nobodys_to_change()
    {
        using var folder = new TempFolder();
        Assert.Null(Permissions.Problem(Files, folder["nothing"]));
    }
}
