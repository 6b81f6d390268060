using HyperVBackup.Files;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Walking;

/// <summary>What every walk of a source does with an entry: one table for all of them.</summary>
public class WalkRulesTests
{
    private static readonly GlobFilter Filter = new(["*.vhdx", "link*"], ["cache", "*.tmp.vhdx"]);

    [Theory]
    [InlineData("web.vhdx", EntryKind.File, nameof(EntryRole.File))]
    [InlineData("deep/web.vhdx", EntryKind.File, nameof(EntryRole.File))]
    [InlineData("notes.txt", EntryKind.File, nameof(EntryRole.Skipped))]
    [InlineData("web.tmp.vhdx", EntryKind.File, nameof(EntryRole.Skipped))]
    [InlineData("any", EntryKind.Folder, nameof(EntryRole.Folder))]
    [InlineData("cache", EntryKind.Folder, nameof(EntryRole.Skipped))]
    [InlineData("deep/cache", EntryKind.Folder, nameof(EntryRole.Skipped))]
    [InlineData("link", EntryKind.Link, nameof(EntryRole.Link))]
    [InlineData("other", EntryKind.Link, nameof(EntryRole.Skipped))]
    [InlineData("link", EntryKind.Other, nameof(EntryRole.Other))]
    [InlineData("socket", EntryKind.Other, nameof(EntryRole.Skipped))]
    [InlineData(".hvbackup-tmp-0123456789abcdef.vhdx", EntryKind.File, nameof(EntryRole.Skipped))]
    [InlineData(".hvbackup-tmp-0123456789abcdef", EntryKind.Folder, nameof(EntryRole.Skipped))]
    [InlineData("deep/.hvbackup-shadow-0123456789abcdef", EntryKind.Folder, nameof(EntryRole.Skipped))]
    public void The_filter_chooses_and_our_own_scaffolding_is_nobodys_source(
        string relative,
        EntryKind kind,
        string role
    ) => Assert.Equal(role, new WalkRules(Filter).RoleOf(relative, Entry(relative, kind)).ToString());

    [Fact]
    public void A_folder_that_is_written_to_is_told_by_what_it_is_and_not_by_its_name()
    {
        var rules = new WalkRules(GlobFilter.All, new OwnTargets([Entry("set", EntryKind.Folder, 7)]));
        Assert.Equal(EntryRole.OwnTarget, rules.RoleOf("mounted", Entry("mounted", EntryKind.Folder, 7)));
        Assert.Equal(EntryRole.Folder, rules.RoleOf("set", Entry("set", EntryKind.Folder, 8)));
        Assert.Equal(EntryRole.Folder, rules.RoleOf("set", Entry("set", EntryKind.Folder)));
    }

    [Theory]
    [InlineData(
        LinkKind.Junction,
        @"\\?\Volume{0b1f6a10-0000-0000-0000-100000000000}\",
        nameof(EntryRole.MountedVolume)
    )]
    [InlineData(LinkKind.Junction, @"C:\Elsewhere", nameof(EntryRole.Link))]
    [InlineData(LinkKind.Symbolic, @"\\?\Volume{0b1f6a10-0000-0000-0000-100000000000}\", nameof(EntryRole.Link))]
    public void A_volume_mounted_in_a_folder_is_a_link_that_people_are_told_of(
        LinkKind kind,
        string target,
        string role
    )
    {
        var link = Entry("disk", EntryKind.Link) with { LinkKind = kind, LinkTarget = target };
        Assert.Equal(role, new WalkRules(GlobFilter.All).RoleOf("disk", link).ToString());
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("deep/folder", true)]
    [InlineData("cache", false)]
    [InlineData("cache/deeper", false)]
    [InlineData("deep/.hvbackup-shadow-0123456789abcdef/deeper", false)]
    public void A_walk_comes_into_a_folder_by_way_of_those_above_it(string folder, bool comes) =>
        Assert.Equal(comes, new WalkRules(Filter).Reaches(folder));

    private static FileEntry Entry(string relative, EntryKind kind, ulong id = 0) =>
        new()
        {
            Name = relative[(relative.LastIndexOf('/') + 1)..],
            Kind = kind,
            Volume = 1,
            FileId = id,
        };
}
