using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Files;

/// <summary>
/// Who could put something else in the place of a file: whoever may write to it, to its folder, or to any folder above,
/// and to those in which the links lie that lead to it.
/// If none may now, none could have done so since it was read, nor can between this look and the next use.
/// </summary>
internal static class TrustedWay
{
    private const uint Sticky = 0x200;
    private const int MostLinks = 40;

    /// <summary>
    /// What is wrong with the way to a file, from the file up; empty: nobody else can change what the path leads to.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The path as it is used, with the links in it.</param>
    /// <param name="operation">What is done with the file.</param>
    public static IReadOnlyList<Failure> Problems(IFileSystem files, string path, string operation)
    {
        var real = files.Resolve(path);
        var looked = new HashSet<string>(PathOf.Comparer);
        var problems = new List<Failure>();
        Judge(files, real, operation, looked, problems, strict: true);
        var folder = PathOf.Parent(real);
        if (folder != null)
            Judge(files, folder, operation, looked, problems, strict: true);
        // A link is as good as its place: who can replace it chooses the file, too.
        foreach (var above in FoldersOfLinks(files, path).Prepend(folder).OfType<string>())
        {
            // On Windows a folder is replaced by who may delete it, which its own access list says; that others may
            // make folders beside it, as in C:\, does not matter.
            if (PathOf.IsWindows)
                Judge(files, above, operation, looked, problems, strict: true);
            else
                JudgeUpwards(files, above, operation, looked, problems);
        }

        return problems;
    }

    private static void JudgeUpwards(
        IFileSystem files,
        string folder,
        string operation,
        HashSet<string> looked,
        List<Failure> problems
    )
    {
        Judge(files, folder, operation, looked, problems, strict: true);
        for (
            var (child, above) = (folder, PathOf.Parent(folder));
            above != null;
            (child, above) = (above, PathOf.Parent(above))
        )
        {
            // In a folder like /tmp nobody can rename or remove what is another's (chmod(1), restricted deletion flag);
            // the child has been judged.
            var isRestricted =
                files.Find(above) is { } entry
                && (entry.Attributes & Sticky) != 0
                && entry.Owner == 0
                && files.Find(child) != null;
            Judge(files, above, operation, looked, problems, strict: !isRestricted);
        }
    }

    private static void Judge(
        IFileSystem files,
        string path,
        string operation,
        HashSet<string> looked,
        List<Failure> problems,
        bool strict
    )
    {
        if (strict && looked.Add(path) && Permissions.Problem(files, path, operation) is { } problem)
            problems.Add(problem);
    }

    // The folder of every link that is met on the way from the path to the file, with its own links followed.
    private static IEnumerable<string> FoldersOfLinks(IFileSystem files, string path)
    {
        var folders = new List<string>();
        var left = MostLinks;
        for (var next = PathOf.TrimEnd(path); next != null && left-- > 0; )
            next = FirstLink(files, next, folders);
        return folders.AsEnumerable().Reverse();
    }

    // Follows the first link of a path; null when there is none.
    private static string? FirstLink(IFileSystem files, string path, List<string> folders)
    {
        var parts = new Stack<string>();
        for (string? part = path; part != null; part = PathOf.Parent(part))
            parts.Push(part);
        foreach (var part in parts)
        {
            if (
                files.Find(part) is not { Kind: EntryKind.Link, LinkTarget: { } target }
                || PathOf.Parent(part) is not { } folder
            )
                continue;
            folders.Add(folder);
            var rest = PathOf.TryRelative(part, path, out var relative) && relative.Length > 0 ? relative : null;
            var led = System.IO.Path.IsPathRooted(target) ? target : PathOf.Join(folder, target);
            return PathOf.Full(rest == null ? led : PathOf.Join(led, rest));
        }

        return null;
    }
}
