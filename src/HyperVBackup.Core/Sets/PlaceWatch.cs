using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Sets;

/// <summary>
/// Remembers the folder that work began in. A disk that is pulled out, or a share that is unmounted, makes every file
/// of it fail in a way of its own
/// (missing, input/output error): asked after such a failure, this says the one thing that happened.
/// </summary>
internal sealed class PlaceWatch
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly string? _witness;
    private readonly FileEntry? _began;

    /// <summary>Looks at the folder as it is now.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="folder">A folder that is there, on the volume in question.</param>
    /// <param name="witness">A file on it that could be read, to be read again past the cache; null: none.</param>
    public PlaceWatch(IFileSystem files, string folder, string? witness)
    {
        _files = files;
        _folder = folder;
        _witness = witness;
        _began = Find();
    }

    /// <summary>Why nothing more can come of this volume; null: it is there as it was.</summary>
    /// <param name="failure">What happened to a file of it.</param>
    /// <param name="operation">What was being done with the volume, as a verb phrase.</param>
    public Failure? WhyGone(Failure failure, string operation)
    {
        if (failure.Kind == FailureKind.VolumeGone)
            return failure;
        if (failure.Kind is not (FailureKind.IoError or FailureKind.FileMissing or FailureKind.NoAnswer))
            return null;
        try
        {
            var now = _files.Find(_folder);
            if (now == null)
                return Gone(operation, "it was there when this began, and is gone");
            if (_began != null && now.Volume != _began.Volume)
                return Gone(operation, "another volume is mounted there than when this began");
            if (failure.Kind != FailureKind.FileMissing)
                ReadWitness();
            return null;
        }
        catch (BackupException e)
            when (e.Failure.Kind is FailureKind.VolumeGone or FailureKind.IoError or FailureKind.NoAnswer)
        {
            return Gone(operation, e.Failure.Cause);
        }
        catch (BackupException)
        {
            return null;
        }
    }

    private Failure Gone(string operation, string cause) => new(FailureKind.VolumeGone, _folder, operation, cause);

    private void ReadWitness()
    {
        if (_witness == null)
            return;
        using var file = _files.OpenRead(_witness, true);
        using var buffer = new AlignedBuffer(4096);
        file.Read(0, buffer, 0, buffer.Size);
    }

    private FileEntry? Find()
    {
        try
        {
            return _files.Find(_folder);
        }
        catch (BackupException)
        {
            return null; // Then it cannot be told from another one; the work itself says what is wrong.
        }
    }
}
