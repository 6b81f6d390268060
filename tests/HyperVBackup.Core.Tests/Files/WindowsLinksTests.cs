using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class WindowsLinksTests : WindowsTest
{
    [Fact]
    public void A_junction_is_created_found_and_deleted_as_what_it_is()
    {
        Platform.NeedsWindows("junctions");
        Files.CreateFolder(Temp["real"], false);
        Write(Temp["real/precious"], Content(1));
        Files.CreateLink(Temp["link"], Link(LinkKind.Junction, Temp["real"]));
        var entry = Files.Find(Temp["link"])!;
        Assert.Equal((EntryKind.Link, LinkKind.Junction, Temp["real"]), (entry.Kind, entry.LinkKind, entry.LinkTarget));
        Assert.Equal(["precious"], NamesIn(Temp["real"]));
        Fails(FailureKind.LinkRefused, () => Files.List(Temp["link"]));
        Fails(FailureKind.LinkRefused, () => Files.DeleteFolder(Temp["link"]));
        Files.DeleteFile(Temp["link"]);
        Assert.Equal(["real"], NamesIn(Temp));
        Assert.Equal(["precious"], NamesIn(Temp["real"]));
    }

    [Theory]
    [InlineData(LinkKind.Symbolic, "target")]
    [InlineData(LinkKind.Symbolic, @"..\not there")]
    [InlineData(LinkKind.SymbolicFolder, "folder")]
    [InlineData(LinkKind.SymbolicFolder, @"C:\not there")]
    public void A_symbolic_link_is_created_found_and_deleted_as_what_it_is(LinkKind kind, string target)
    {
        Platform.NeedsWindows("symbolic links");
        Assert.SkipUnless(Platform.IsRoot, "needs an elevated administrator");
        Write(Temp["target"], Content(1));
        Files.CreateFolder(Temp["folder"], false);
        Files.CreateLink(Temp["link"], Link(kind, target));
        var entry = Files.Find(Temp["link"])!;
        Assert.Equal((EntryKind.Link, kind, target), (entry.Kind, entry.LinkKind, entry.LinkTarget));
        Fails(FailureKind.LinkRefused, () => Files.OpenRead(Temp["link"], false));
        Fails(FailureKind.LinkRefused, () => Files.OpenUpdate(Temp["link"], true));
        Write(Temp["new"], Content(2));
        Files.Rename(Temp["new"], Temp["link"]);
        Assert.Equal(EntryKind.File, Files.Find(Temp["link"])!.Kind);
        Assert.Equal(["folder", "link", "target"], NamesIn(Temp));
    }

    [Fact]
    public void A_link_without_a_target_is_refused() =>
        Fails(
            FailureKind.NotSupported,
            () => Files.CreateLink(Temp["link"], new FileEntry { Name = "link", Kind = EntryKind.Link })
        );

    private static FileEntry Link(LinkKind kind, string target) =>
        new()
        {
            Name = "link",
            Kind = EntryKind.Link,
            LinkKind = kind,
            LinkTarget = target,
        };
}
