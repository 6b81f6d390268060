using HyperVBackup.Content;
using HyperVBackup.Files;
using HyperVBackup.Manifests;

namespace HyperVBackup.Sets;

/// <summary>A file on its way.</summary>
internal sealed class FileToRestore
{
    private readonly ManifestReader _reader;

    public FileToRestore(string from, string path, string relative, ManifestRecord record, ManifestReader reader)
    {
        From = from;
        Path = path;
        Relative = relative;
        Record = record;
        _reader = reader;
    }

    /// <summary>Where the set has it.</summary>
    public string From { get; }

    /// <summary>Where it goes.</summary>
    public string Path { get; }

    /// <summary>The same below the destination.</summary>
    public string Relative { get; }

    public ManifestRecord Record { get; }

    /// <summary>What stands there already.</summary>
    public FileEntry? There { get; set; }

    /// <summary>The finished copy under its temporary name; null when there is none.</summary>
    public string? Temporary { get; set; }

    public BlockListReader Blocks() => _reader.BlocksOf(Record);
}
