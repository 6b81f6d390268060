using System;
using System.IO;
using System.Linq;
using HyperVBackup.Host;
using Xunit;

namespace HyperVBackup.Tests.Host;

/// <summary>The table of events, and its copies for people.</summary>
public sealed class EventCatalogueTests
{
    [Fact]
    public void Every_event_has_a_row() =>
        Assert.Equal(Enum.GetValues<EventKind>(), EventCatalogue.Rows.Select(row => row.Kind));

    [Fact]
    public void The_ids_are_those_of_the_file_of_messages() =>
        Assert.All(EventCatalogue.Rows, row => Assert.InRange((int)row.Kind, 1, 65535));

    [Fact]
    public void The_documentation_has_the_same_table()
    {
        var rows = File.ReadAllLines(Repository.PathOf("docs/events.md"))
            .Where(line => line.StartsWith("| 1", StringComparison.Ordinal));
        Assert.Equal(
            EventCatalogue.Rows.Select(row => "| " + (int)row.Kind + " | " + row.Level + " | " + row.Meaning + " |"),
            rows
        );
    }

    [Fact]
    public void The_topic_on_troubleshooting_has_it_too()
    {
        var rows = File.ReadAllLines(Repository.PathOf("module/en-US/about_HyperVBackup_Troubleshooting.help.txt"))
            .Where(line => line.StartsWith("        1", StringComparison.Ordinal))
            .Select(line => line.Trim());
        Assert.Equal(
            EventCatalogue.Rows.Select(row => (int)row.Kind + "  " + row.Level.ToString().PadRight(13) + row.Meaning),
            rows
        );
    }
}
