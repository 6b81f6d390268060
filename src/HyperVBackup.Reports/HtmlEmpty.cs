using System.Xml.Linq;
using HyperVBackup.Files;
using static HyperVBackup.Reports.Html;

namespace HyperVBackup.Reports;

/// <summary>The page of a host that has never backed anything up: what that means, and what to do.</summary>
internal static class HtmlEmpty
{
    private static readonly (string Source, string Target) Example = PathOf.IsWindows
        ? (@"D:\SystemVHD", @"E:\")
        : ("/vm/disks", "/mnt/backup");

    public static XElement Render(ReportModel model) =>
        El(
            "section",
            At("class", "card empty"),
            At("aria-labelledby", "empty"),
            SvgSymbols.Icon("off", "large"),
            El("h2", At("id", "empty"), "No backups yet"),
            El(
                "p",
                "No run is written down in ",
                El("code", model.HistoryFolder),
                ". Either this host has never been backed up by HyperVBackup, or its history is kept in another "
                    + "state folder (see HVBACKUP_STATE)."
            ),
            El("h3", "What to do"),
            El(
                "ol",
                El(
                    "li",
                    "See what a backup would do, and then run it without ",
                    El("code", "-WhatIf"),
                    ":",
                    Command(
                        "Invoke-HvBackup -Source " + Example.Source + " -Destination " + Example.Target + " -WhatIf"
                    )
                ),
                El(
                    "li",
                    "Or, from a command line:",
                    Command("hvbackup backup " + Example.Source + " --to " + Example.Target)
                ),
                El(
                    "li",
                    "Then make this report again. To show sets that another host wrote, name the disks they are on:",
                    Command("Export-HvBackupReport -Path report.html -Target " + Example.Target)
                )
            )
        );

    /// <summary>A command to be copied.</summary>
    public static XElement Command(string text) => El("pre", El("code", text));
}
