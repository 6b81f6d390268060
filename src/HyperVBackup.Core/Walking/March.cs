using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Walking;

/// <summary>
/// One march over a tree, and beside it over what copies of it hold: for all who count, ask or clone. What is taken is
/// said by rules that all of them share; what is done with it, each hands in.
/// In each folder first what is no folder, so that a question is answered early, then the folders with all they hold,
/// both in the order of the manifests.
/// </summary>
internal sealed class March
{
    private readonly IFolderTree _tree;
    private readonly Func<string, FileEntry, EntryRole> _roleOf;
    private readonly CancellationToken _cancel;
    private readonly WalkOrder _order;
    private readonly StringComparer _names;
    private bool _isOver;

    /// <summary>A march; nothing is read yet.</summary>
    /// <param name="tree">What is walked.</param>
    /// <param name="roleOf">What each entry is taken for, of its path and itself: <see cref="WalkRules.RoleOf"/> or
    /// <see cref="CopyRules.RoleOf"/>.</param>
    /// <param name="cancel">Stops it.</param>
    public March(IFolderTree tree, Func<string, FileEntry, EntryRole> roleOf, CancellationToken cancel)
    {
        _tree = tree;
        _roleOf = roleOf;
        _cancel = cancel;
        _order = new WalkOrder(tree.IgnoresCase);
        _names = tree.IgnoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
    }

    /// <summary>The copies to walk beside; null: one that has nothing yet.</summary>
    public IReadOnlyList<IFolderTree?> Copies { get; init; } = Array.Empty<IFolderTree?>();

    /// <summary>Told of everything that is taken and is no folder to go into.</summary>
    public Action<MarchStep> OnEntry { get; init; } = _ => { };

    /// <summary>Told of each folder to go into; goes into it by calling what it is given.</summary>
    public Action<MarchStep, Action> OnFolder { get; init; } = (_, walk) => walk();

    /// <summary>
    /// Told of what a copy has that nothing which is taken has the name of: which copy, the path below it, the entry.
    /// </summary>
    public Action<int, string, FileEntry> OnExtra { get; init; } = (_, _, _) => { };

    /// <summary>
    /// Whether to go on after a folder that cannot be listed, as if it held nothing; else that ends it.
    /// </summary>
    public Func<BackupException, bool> GoesOnAfter { get; init; } = _ => false;

    /// <summary>Walks.</summary>
    /// <param name="from">The folder to begin with, below the tree's.</param>
    /// <exception cref="BackupException">A folder cannot be listed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(string from = "") => Walk(from, Copies);

    /// <summary>Whether a tree holds a file that the rules take.</summary>
    /// <exception cref="BackupException">A folder cannot be listed.</exception>
    public static bool HoldsFile(IFolderTree tree, WalkRules rules)
    {
        March? march = null;
        march = new March(tree, rules.RoleOf, CancellationToken.None)
        {
            OnEntry = step => march!._isOver |= step.Role == EntryRole.File,
        };
        march.Run();
        return march._isOver;
    }

    private void Walk(string folder, IReadOnlyList<IFolderTree?> copies)
    {
        _cancel.ThrowIfCancellationRequested();
        if (TryList(_tree, folder) is not { } entries)
            return;
        var there = copies.Select(copy => Entries(copy, folder)).ToArray();
        foreach (var entry in InOrder(entries))
        {
            _cancel.ThrowIfCancellationRequested();
            var relative = RelativePaths.Join(folder, entry.Name);
            var role = _roleOf(relative, entry);
            if (role == EntryRole.Skipped)
                continue;
            var step = new MarchStep(relative, entry, role, Array.ConvertAll(there, known => Take(known, entry.Name)));
            if (role == EntryRole.Folder)
                OnFolder(step, () => Walk(relative, Inside(copies, step)));
            else
                OnEntry(step);
            if (_isOver)
                return;
        }

        for (var i = 0; i < there.Length; i++)
            foreach (var extra in there[i].Values)
                OnExtra(i, RelativePaths.Join(folder, extra.Name), extra);
    }

    private IEnumerable<FileEntry> InOrder(IEnumerable<FileEntry> entries) =>
        entries.OrderBy(entry => entry.Kind == EntryKind.Folder).ThenBy(entry => entry.Name, _order);

    private static IFolderTree?[] Inside(IReadOnlyList<IFolderTree?> copies, MarchStep folder) =>
        copies.Select((copy, i) => folder.There[i]?.Kind == EntryKind.Folder ? copy : null).ToArray();

    private Dictionary<string, FileEntry> Entries(IFolderTree? copy, string folder)
    {
        var entries = new Dictionary<string, FileEntry>(_names);
        if (copy != null)
            foreach (var entry in TryList(copy, folder) ?? Array.Empty<FileEntry>())
                entries[entry.Name] = entry;
        return entries;
    }

    private IReadOnlyList<FileEntry>? TryList(IFolderTree tree, string folder)
    {
        try
        {
            return tree.List(folder);
        }
        catch (BackupException e) when (GoesOnAfter(e))
        {
            return null;
        }
    }

    private static FileEntry? Take(Dictionary<string, FileEntry> known, string name)
    {
        if (!known.TryGetValue(name, out var entry))
            return null;
        known.Remove(name);
        return entry;
    }
}

/// <summary>An entry that a march has come to.</summary>
/// <param name="Relative">Its path below the tree, '/' separated.</param>
/// <param name="Entry">It.</param>
/// <param name="Role">What it is taken for.</param>
/// <param name="There">What each copy has by its name; null: nothing.</param>
internal sealed record MarchStep(string Relative, FileEntry Entry, EntryRole Role, IReadOnlyList<FileEntry?> There);
