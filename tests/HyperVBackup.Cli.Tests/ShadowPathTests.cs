using System;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Cli.Tests;

/// <summary>
/// Whole runs of the program that read a shadow copy through its device object and write to a drive letter or a share.
/// The shadow copy is only read here:
/// it is made by whoever starts these tests (tests/wine under Wine, docs/windows-checklist.md on Windows), as VSS
/// itself is not what they are about.
/// </summary>
public sealed class ShadowPathTests
{
    private const string Drive = "HVBACKUP_TEST_DRIVE";
    private const string Share = "HVBACKUP_TEST_SHARE";

    [Theory]
    [InlineData(Drive, "")]
    [InlineData(Drive, @"\")]
    [InlineData(Drive, @"\vm")]
    [InlineData(Share, "")]
    [InlineData(Share, @"\vm\")]
    public void A_shadow_copy_is_backed_up_verified_and_restored(string target, string below)
    {
        using var there = new TempFolder(Prepared(target));
        var shadow = Prepared("HVBACKUP_TEST_SHADOW") + below;
        var original = PathOf.TrimEnd(Prepared("HVBACKUP_TEST_SHADOW_OF") + below);
        var folder = shadow.TrimEnd('\\').Split('\\')[^1];
        using var work = new Workplace();

        foreach (var (set, sequence) in new[] { ("SetA", 1), ("SetB", 2), ("SetA", 3) })
        {
            var ran = HvBackup.Run(work, "backup", shadow, "--to", there, "--provider", "copy", "--verify", "--json");
            Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
            Assert.Equal(
                ("complete", set, sequence),
                ((string?)ran.Json["outcome"], (string?)ran.Json["set"], (int)ran.Json["sequence"]!)
            );
            var job = Assert.Single(ran.Json["jobs"]!);
            Assert.Equal(sequence < 3 ? (int)job["files"]! : 0, (int)job["filesCopied"]!);
        }

        Assert.Equal(Held(original), Held(there["Backup-SetA/" + folder]));
        Assert.Matches(@"SetA \* +complete", HvBackup.Run(work, "list", there).Output);
        Assert.Equal(0, HvBackup.Run(work, "verify", there).ExitCode);
        var restored = HvBackup.Run(work, "restore", there, "--to", work["R"], "--json");
        Assert.Equal((0, ""), (restored.ExitCode, restored.Error));
        Assert.Equal(Held(original), Held(work["R/" + folder]));
    }

    [Fact]
    public void A_plan_writes_one_shadow_copy_to_a_drive_and_a_share_and_damage_on_one_is_found()
    {
        using var drive = new TempFolder(Prepared(Drive));
        using var share = new TempFolder(Prepared(Share));
        using var work = new Workplace();
        var source = new JObject
        {
            ["source"] = Prepared("HVBACKUP_TEST_SHADOW") + @"\",
            ["folder"] = "VHD",
            ["targets"] = new JArray(drive.Path, share.Path),
        };
        var plan = work.Write(
            "plan.json",
            new JObject
            {
                ["name"] = "nightly",
                ["jobs"] = new JArray(source),
                ["shadow"] = new JObject { ["provider"] = "copy" },
            }.ToString()
        );

        var ran = HvBackup.Run(work, "run", plan, "--json");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Equal(Held(Prepared("HVBACKUP_TEST_SHADOW_OF")), Held(drive["Backup-SetA/VHD"]));
        Assert.Equal(Held(Prepared("HVBACKUP_TEST_SHADOW_OF")), Held(share["Backup-SetA/VHD"]));

        var disk = Directory.GetFiles(share["Backup-SetA/VHD"], "*.vhdx", SearchOption.AllDirectories).Single();
        var content = File.ReadAllBytes(disk);
        content[^1] ^= 1;
        File.WriteAllBytes(disk, content);
        Assert.Equal(0, HvBackup.Run(work, "verify", drive).ExitCode);
        Assert.Equal(5, HvBackup.Run(work, "verify", share).ExitCode);
    }

    [Fact]
    public void A_shadow_copy_that_is_not_there_is_said_to_be_missing_and_nothing_is_touched()
    {
        using var drive = new TempFolder(Prepared(Drive));
        using var work = new Workplace();
        var ran = HvBackup.Run(
            work,
            "backup",
            @"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy4711\vm",
            "--to",
            drive,
            "--provider",
            "copy"
        );
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains(@"HarddiskVolumeShadowCopy4711\vm' does not exist", ran.Error);
        Assert.Empty(Directory.GetFileSystemEntries(drive));
    }

    private static string Prepared(string variable)
    {
        Platform.NeedsWindowsOrWine();
        var value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipUnless(value is { Length: > 0 }, "needs what docs/windows-checklist.md prepares in " + variable);
        return value!;
    }

    // Names, sizes, time stamps (of files) and bytes.
    private static string[] Held(string folder) =>
        new DirectoryInfo(folder)
            .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry =>
                entry.FullName[folder.Length..].TrimStart('\\')
                + " "
                + (
                    entry is FileInfo file
                        ? file.Length
                            + " "
                            + file.LastWriteTimeUtc.ToString("O")
                            + " "
                            + Convert.ToHexString(
                                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.FullName))
                            )
                        : "folder"
                )
            )
            .Order(StringComparer.Ordinal)
            .ToArray();
}
