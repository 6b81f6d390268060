using System;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// Whole small files (set.json, the journal) through the seam, replaced so that a crash leaves the old content or the
/// new, never a mixture.
/// </summary>
internal static class SmallFiles
{
    /// <summary>
    /// Writes a file durably under another name, then renames it over the old one, then makes the name durable.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The file.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="limit">The most that <see cref="Read"/> is given for it: more is not written either.</param>
    /// <exception cref="BackupException">It cannot be written, or is too long.</exception>
    public static void Replace(IFileSystem files, string path, byte[] content, int limit = int.MaxValue)
    {
        if (content.Length > limit)
            throw new BackupException(
                FailureKind.NotSupported,
                path,
                "write it",
                "it would have " + content.Length + " bytes, and no more than " + limit + " are read"
            );
        var folder = PathOf.Parent(path) ?? throw new ArgumentException("A root cannot be replaced.", nameof(path));
        var temporary = PathOf.Join(folder, TemporaryNames.Next());
        try
        {
            using (var writer = new SequentialWriter(files.Create(temporary, false)))
            {
                writer.Write(content, 0, content.Length);
                writer.Finish();
            }

            files.Rename(temporary, path);
        }
        catch (BackupException)
        {
            TryDelete(files, temporary);
            throw;
        }

        files.FlushFolder(folder);
    }

    /// <summary>Reads a whole file; what was opened is judged first, if somebody wants to.</summary>
    /// <exception cref="BackupException">It is longer than <paramref name="limit"/> bytes, which no honest file of its
    /// kind is.</exception>
    public static byte[] Read(IFileSystem files, string path, int limit, Action<FileEntry>? judge = null)
    {
        var file = files.OpenRead(path, false);
        using var reader = new BufferedReader(file);
        judge?.Invoke(file.Stat());
        if (reader.Length > limit)
            throw new BackupException(
                FailureKind.StateDamaged,
                path,
                "read it",
                "it has " + reader.Length + " bytes; no such file has more than " + limit
            );
        var content = new byte[reader.Length];
        var length = reader.Read(0, content, 0, content.Length);
        Array.Resize(ref content, length);
        return content;
    }

    /// <summary>Deletes a file if it can; for clean-up after a failure that is being reported already.</summary>
    public static void TryDelete(IFileSystem files, string path)
    {
        try
        {
            if (files.Find(path) != null)
                files.DeleteFile(path);
        }
        catch (BackupException) { }
    }
}
