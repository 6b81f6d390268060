using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Plans;

/// <summary>Plans in files.</summary>
public static class PlanFile
{
    /// <summary>Reads a plan. Relative paths in it start from its folder.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <exception cref="PlanException">It cannot be read (<see cref="PlanException.IsUnreadable"/>), or holds no
    /// plan.</exception>
    public static BackupPlan Read(string path) => PlanJson.Parse(ReadText(path), path, PathOf.Parent(path));

    /// <summary>Reads the text of a plan, whatever it holds.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="instead">What else a folder could have been meant for, in words that go on after "name the plan's
    /// file in it".</param>
    /// <exception cref="PlanException">It cannot be read.</exception>
    public static string ReadText(string path, string instead = "")
    {
        try
        {
            var text = PlanEncoding.Decode(File.ReadAllBytes(path), out var problem);
            return problem.Length == 0
                ? text
                : throw new PlanException(path, new[] { new PlanProblem("(file)", problem) });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why =
                Directory.Exists(path) ? "it is a folder; name the plan's file in it" + instead
                : e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file"
                : e.Message.TrimEnd('.');
            throw new PlanException(path, new[] { new PlanProblem("(file)", why) }, e);
        }
    }

    /// <summary>Writes a plan, durably and at once: there is never half a plan.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The file, absolute. Its folder exists.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="schema">Where editors find the schema of plans; null: it is not named.</param>
    /// <param name="replace">Whether a file that is there is replaced.</param>
    /// <returns>
    /// Why the plan would be refused where it lies now: others could change the commands in it. Empty when it would
    /// not.
    /// </returns>
    /// <exception cref="BackupException">It is there already, is no file, or cannot be written.</exception>
    public static IReadOnlyList<PlanProblem> Write(
        IFileSystem files,
        string path,
        BackupPlan plan,
        string? schema,
        bool replace
    )
    {
        const string operation = "write the plan";
        var folder = PathOf.Parent(path) is { } parent ? files.Resolve(parent) : null;
        if (folder == null || files.Find(folder) is not { Kind: EntryKind.Folder })
            throw new BackupException(FailureKind.FileMissing, folder ?? path, operation, "there is no such folder");
        path = PathOf.Join(folder, PathOf.Leaf(path));
        var there = files.Find(path);
        if (there is { Kind: EntryKind.Folder or EntryKind.Other })
            throw new BackupException(
                new Failure(FailureKind.DestinationExists, path, operation, "it is no file")
                {
                    Advice = "Name a file, such as plan.json in a folder.",
                }
            );
        if (there != null && !replace)
            throw new BackupException(
                new Failure(FailureKind.DestinationExists, path, operation, "it is there already")
                {
                    Advice = "Choose another name, or replace it with -Force.",
                }
            );
        var isData = PlanData.IsFor(path);
        SmallFiles.Replace(files, path, Bytes(path, isData ? PlanData.Of(plan) : PlanText.Of(plan, schema), isData));
        var problems = new List<PlanProblem>();
        PlanTrust.Check(plan with { File = path }, files, problems);
        return problems;
    }

    // Names that are no valid Unicode (see NameCodec) are half surrogate pairs, which neither UTF-8 nor readers of JSON
    // let pass.
    // Windows PowerShell takes a data file without a mark for one of the computer's code page.
    private static byte[] Bytes(string path, string text, bool isMarked)
    {
        try
        {
            var encoding = new UTF8Encoding(isMarked, true);
            return encoding.GetPreamble().Concat(encoding.GetBytes(text)).ToArray();
        }
        catch (EncoderFallbackException e)
        {
            throw new BackupException(
                new Failure(
                    FailureKind.NotSupported,
                    path,
                    "write the plan",
                    "a folder in it has a name that is no valid Unicode, which no file of a plan can hold"
                )
                {
                    Advice =
                        "Name the folder above it, and choose by 'include' and 'exclude'; or back it up with -Source.",
                },
                e
            );
        }
    }
}
