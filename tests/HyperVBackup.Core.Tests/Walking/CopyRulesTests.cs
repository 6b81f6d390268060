using HyperVBackup.Files;
using HyperVBackup.Walking;
using Xunit;

namespace HyperVBackup.Tests.Walking;

/// <summary>What becomes of what a copy holds: one table for who deletes and for who only counts.</summary>
public class CopyRulesTests
{
    private const string LeftFile = "deep/.hvbackup-tmp-0123456789abcdef";
    private const string LeftShadow = ".hvbackup-shadow-0123456789abcdef";
    private static readonly WalkRules Rules = new(new GlobFilter(["*.vhdx"], ["cache"]));

    [Theory]
    [InlineData(EntryKind.File, EntryKind.File, nameof(Meeting.Stays))]
    [InlineData(EntryKind.File, EntryKind.Folder, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.File, EntryKind.Link, nameof(Meeting.Replaced))]
    [InlineData(EntryKind.File, EntryKind.Other, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Folder, EntryKind.File, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Folder, EntryKind.Folder, nameof(Meeting.Stays))]
    [InlineData(EntryKind.Folder, EntryKind.Link, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Folder, EntryKind.Other, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Link, EntryKind.File, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Link, EntryKind.Folder, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Link, EntryKind.Link, nameof(Meeting.Stays))]
    [InlineData(EntryKind.Link, EntryKind.Other, nameof(Meeting.GivesWay))]
    [InlineData(EntryKind.Other, EntryKind.File, nameof(Meeting.Untouched))]
    [InlineData(EntryKind.Other, EntryKind.Folder, nameof(Meeting.Untouched))]
    [InlineData(EntryKind.Other, EntryKind.Link, nameof(Meeting.Untouched))]
    [InlineData(EntryKind.Other, EntryKind.Other, nameof(Meeting.Untouched))]
    public void What_stands_at_the_name_of_an_entry_of_the_source(EntryKind source, EntryKind there, string meeting) =>
        Assert.Equal(meeting, CopyRules.Meet(source, there).ToString());

    [Theory]
    // What the source has no more goes, and is missed.
    [InlineData("web.vhdx", EntryKind.File, false, true, true)]
    [InlineData("folder", EntryKind.Folder, false, true, true)]
    // What the filter leaves out goes from a set alone.
    [InlineData("notes.txt", EntryKind.File, false, false, false)]
    [InlineData("cache", EntryKind.Folder, false, false, false)]
    [InlineData("notes.txt", EntryKind.File, true, true, true)]
    [InlineData("cache", EntryKind.Folder, true, true, true)]
    // Our own half-written files go and nobody misses them; a folder of such a name was somebody's.
    [InlineData(LeftFile, EntryKind.File, false, true, false)]
    [InlineData(LeftFile, EntryKind.File, true, true, false)]
    [InlineData(LeftFile, EntryKind.Folder, false, true, true)]
    [InlineData(LeftFile, EntryKind.Folder, true, true, true)]
    // A shadow copy is a second copy of what is elsewhere.
    [InlineData(LeftShadow, EntryKind.Folder, false, true, false)]
    [InlineData(LeftShadow, EntryKind.Folder, true, true, false)]
    public void What_the_source_does_not_have(string relative, EntryKind kind, bool inSet, bool goes, bool isMissed)
    {
        var rules = new CopyRules(Rules, inSet);
        var extra = new FileEntry { Name = relative[(relative.LastIndexOf('/') + 1)..], Kind = kind };
        Assert.Equal((goes, isMissed), (rules.Goes(relative, extra), rules.IsMissed(relative, extra)));
    }

    [Theory]
    [InlineData("folder", false, false)]
    [InlineData("folder", true, true)]
    [InlineData(".hvbackup-tmp-0123456789abcdef", false, true)]
    public void What_the_filter_leaves_out_stays_in_a_folder_that_goes_outside_of_sets(
        string name,
        bool inSet,
        bool isWhole
    ) =>
        Assert.Equal(
            isWhole,
            new CopyRules(Rules, inSet).GoesWhole(new FileEntry { Name = name, Kind = EntryKind.Folder })
        );
}
