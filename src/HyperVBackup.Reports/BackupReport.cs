using System;
using System.Linq;
using System.Text;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;

namespace HyperVBackup.Reports;

/// <summary>The report of a host's backups, from its history and its targets to a file.</summary>
public static class BackupReport
{
    /// <summary>
    /// Reads the history, looks at the targets, and says what is there. A target that cannot be looked at is a line of
    /// the report, and a file of the history that cannot be read is one too.
    /// </summary>
    /// <exception cref="BackupException">The folder of the history cannot be read, or the options make no
    /// sense.</exception>
    public static ReportModel Read(RunContext context, ReportOptions options)
    {
        if (options.Last is < 1 or > ReportOptions.MostLast)
            throw Bad("the number of runs", options.Last + " is not between 1 and " + ReportOptions.MostLast);
        if (options.StaleAfter <= TimeSpan.Zero || options.StaleAfter > ReportOptions.LongestStaleAfter)
            throw Bad(
                "the age of stale copies",
                "it must be more than nothing and at most " + (int)ReportOptions.LongestStaleAfter.TotalDays + " days"
            );
        var targets = options
            .Targets.Select(target => TargetReport.Of(context.Files, PathOf.Full(target)))
            .GroupBy(target => target.Target, PathOf.Comparer)
            .Select(same => same.First())
            .ToList();
        return ReportBuilder.Build(
            RunHistory.Entries(context.Files, context.State),
            targets,
            options,
            context.Host,
            context.State.Runs,
            context.Clock.UtcNow
        );
    }

    /// <summary>The report as one page: UTF-8, nothing outside of it needed.</summary>
    public static byte[] ToHtml(ReportModel model) => new UTF8Encoding(false, true).GetBytes(HtmlReport.Render(model));

    /// <summary>
    /// Writes a page to a file: whole or not at all, under another name first. A file that is replaced keeps its
    /// permissions; a new one is its owner's (on Windows: what its folder passes on).
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The file.</param>
    /// <param name="page">What <see cref="ToHtml"/> gave.</param>
    /// <param name="clobber">Whether a file that is there is replaced.</param>
    /// <param name="force">Whether even a read-only one is.</param>
    /// <exception cref="BackupException">It cannot be written; what was there is as it was.</exception>
    public static void Write(IFileSystem files, string path, byte[] page, bool clobber = true, bool force = false)
    {
        var real = files.Resolve(path);
        RequireWritable(files, real, clobber, force);
        var old = files.Find(real);
        SmallFiles.Replace(files, real, page);
        if (old != null && files.Find(real) is { } written)
            files.SetMetadata(real, written with { Attributes = old.Attributes, Owner = old.Owner, Group = old.Group });
    }

    /// <summary>Why a report cannot be written to a path, before the work of making it.</summary>
    /// <exception cref="BackupException">It cannot.</exception>
    public static void RequireWritable(IFileSystem files, string path, bool clobber, bool force)
    {
        const string operation = "write the report";
        var real = files.Resolve(path);
        if (PathOf.Parent(real) is not { } folder)
            throw new BackupException(FailureKind.BadPlan, path, operation, "it is no file");
        if (files.Find(folder) is not { Kind: EntryKind.Folder })
            throw new BackupException(FailureKind.FileMissing, path, operation, "there is no folder " + folder);
        if (files.Find(real) is not { } there)
            return;
        if (there.Kind != EntryKind.File)
            throw new BackupException(
                new Failure(
                    FailureKind.DestinationExists,
                    path,
                    operation,
                    there.Kind == EntryKind.Folder ? "it is a folder" : "it is no file"
                )
                {
                    Advice = "Name a file, such as " + PathOf.Join(path, "report.html") + ".",
                }
            );
        if (!clobber)
            throw new BackupException(
                new Failure(FailureKind.DestinationExists, path, operation, "there is a file of that name")
                {
                    Advice = "Choose another name, or allow it to be replaced.",
                }
            );
        const uint ownerMayWrite = 0x80,
            readOnly = 1;
        var isReadOnly = PathOf.IsWindows
            ? (there.Attributes & readOnly) != 0
            : (there.Attributes & ownerMayWrite) == 0;
        if (isReadOnly && !force)
            throw new BackupException(
                new Failure(FailureKind.AccessDenied, path, operation, "the file that is there is read-only")
                {
                    Advice = FrontWords.Of("Choose another name, or replace it with {--force|-Force}."),
                }
            );
    }

    private static BackupException Bad(string what, string why) => new(FailureKind.BadPlan, what, "make a report", why);
}
