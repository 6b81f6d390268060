using System;
using System.Collections.Generic;
using System.Linq;

namespace HyperVBackup.Tests.Reliability;

/// <summary>What becomes of the changes that no flush had made durable when the power went.</summary>
internal enum Unflushed
{
    /// <summary>All are there: the process was killed, the machine went on.</summary>
    Kept,

    /// <summary>None is.</summary>
    Lost,

    /// <summary>
    /// Names, sizes and times are there, no content: files full of zeroes, and in those written in place the old
    /// blocks.
    /// </summary>
    ContentLost,

    /// <summary>Content is there, no names and no times.</summary>
    NamesLost,

    /// <summary>
    /// Each is there or not, or there in part, as the dice fall: names in any order, writes by sectors.
    /// </summary>
    Shuffled,

    /// <summary>Names and times up to some point, as a journal keeps them, content as the dice fall.</summary>
    Journalled,
}

/// <summary>
/// Builds what is on the medium when the power goes after some of the recorded steps. Whatever was flushed is there.
/// POSIX promises no more than that: fsync of a file
/// makes its content, size and times durable and not its name; fsync of a folder the names in it; syncfs everything. On
/// volumes that cannot be flushed as a whole
/// (NTFS without administrator rights) any flush makes all names and times before it durable, because they share one
/// log.
/// </summary>
internal sealed class PowerCut
{
    private readonly MemoryFiles _files;
    private readonly MemoryTree _before;
    private readonly IReadOnlyList<MemoryStep> _steps;

    /// <summary>Over a record.</summary>
    /// <param name="files">The file system it was made on.</param>
    /// <param name="before">What was durable when the record began.</param>
    /// <param name="steps">The record.</param>
    public PowerCut(MemoryFiles files, MemoryTree before, IReadOnlyList<MemoryStep> steps)
    {
        _files = files;
        _before = before;
        _steps = steps;
    }

    public IReadOnlyList<MemoryStep> Steps => _steps;

    /// <summary>The file system as it is found after the power came back.</summary>
    public MemoryFiles After(int steps, Unflushed unflushed, int seed = 0)
    {
        var tree = _before.Copy();
        var effects = _steps.Take(steps).SelectMany(step => step.Effects).ToList();
        var durable = Durable(effects);
        var random = new Random(seed);
        var journalEnd = random.Next(effects.Count + 1);
        var keeps = random.NextDouble();
        for (var i = 0; i < effects.Count; i++)
        {
            // Created, even if nobody gets to see it: later effects speak of it.
            if (effects[i] is NameEffect name)
                tree.Adopt(name.Fresh);
            if (durable[i])
                effects[i].Apply(tree);
            else
                Guess(effects[i], tree, unflushed, random, keeps, i < journalEnd);
        }

        return _files.From(tree);
    }

    private static void Guess(
        MemoryEffect effect,
        MemoryTree tree,
        Unflushed unflushed,
        Random random,
        double keeps,
        bool inJournal
    )
    {
        var isContent = effect is WriteEffect or LengthEffect or ZeroEffect or CloneEffect;
        switch (unflushed)
        {
            case Unflushed.Kept:
            case Unflushed.NamesLost when isContent:
            case Unflushed.ContentLost when !isContent || effect is LengthEffect:
            case Unflushed.Journalled when !isContent && inJournal:
                effect.Apply(tree);
                break;
            case Unflushed.ContentLost when effect is WriteEffect write:
                write.ApplySizeOnly(tree);
                break;
            case Unflushed.ContentLost when effect is CloneEffect clone:
                clone.ApplySome(tree, _ => false);
                break;
            case Unflushed.Shuffled:
            case Unflushed.Journalled when isContent:
                if (random.NextDouble() < keeps)
                    effect.Apply(tree);
                else if (effect is WriteEffect torn && random.Next(3) > 0)
                    Tear(torn, tree, random);
                else if (effect is CloneEffect part && random.Next(2) > 0)
                    Share(part, tree, random);
                break;
            default:
                break;
        }
    }

    private static void Share(CloneEffect clone, MemoryTree tree, Random random)
    {
        var salt = random.Next();
        clone.ApplySome(tree, page => ((page * 0x9E3779B1L) ^ salt) % 3 != 0);
    }

    private static void Tear(WriteEffect write, MemoryTree tree, Random random)
    {
        var inSectors = random.Next(2) == 0 ? 1 : 8;
        var length = (write.Bytes.Length + 511) / 512;
        switch (random.Next(3))
        {
            case 0:
                write.ApplySizeOnly(tree);
                break;
            case 1:
                var end = random.Next(length + 1);
                write.ApplyTorn(tree, sector => sector / inSectors * inSectors < end);
                break;
            default:
                var salt = random.Next();
                write.ApplyTorn(tree, sector => ((sector / inSectors * 0x9E3779B1L) ^ salt) % 3 != 0);
                break;
        }
    }

    // From the last to the first: what a later flush covers is durable.
    private bool[] Durable(List<MemoryEffect> effects)
    {
        var durable = new bool[effects.Count];
        var flushed = new HashSet<long>();
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        var logs = new HashSet<string>(StringComparer.Ordinal);
        var volumeOf = _before.Nodes.ToDictionary(node => node.Id, node => node.Volume);
        foreach (var fresh in effects.OfType<NameEffect>())
            volumeOf[fresh.Fresh.Id] = fresh.Fresh.Volume;
        for (var i = effects.Count - 1; i >= 0; i--)
        {
            durable[i] = effects[i] switch
            {
                FlushEffect flush => Promise(flush),
                WriteEffect write => Content(write.Node),
                LengthEffect length => Content(length.Node),
                ZeroEffect zero => Content(zero.Node),
                CloneEffect clone => Content(clone.Node),
                MetadataEffect metadata => Content(metadata.Node) || logs.Contains(volumeOf[metadata.Node]),
                NameEffect name => Names(name.Folder),
                UnnameEffect name => Names(name.Folder),
                RenameEffect rename => Names(rename.FromFolder) || Names(rename.ToFolder),
                _ => throw new NotSupportedException(),
            };
        }

        return durable;

        bool Promise(FlushEffect flush)
        {
            if (flush.Volume != null)
                volumes.Add(flush.Volume);
            if ((flush.File ?? flush.Folder) is not { } node)
                return true;
            flushed.Add(node);
            if (!_files.FlushesVolumes)
                logs.Add(volumeOf[node]);
            return true;
        }

        bool Content(long node) => flushed.Contains(node) || volumes.Contains(volumeOf[node]);

        bool Names(long folder) => Content(folder) || logs.Contains(volumeOf[folder]);
    }
}
