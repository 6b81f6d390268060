using System;
using System.Security.Cryptography;
using System.Threading;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;
using HyperVBackup.Manifests;

namespace HyperVBackup.Sets;

/// <summary>
/// Opens the manifest of a set's folder as the set was committed with it. The manifest vouches for the files, set.json
/// for the manifest: one that is of
/// another run, or was made or mended by somebody else, vouches for nothing.
/// </summary>
internal static class SetManifest
{
    /// <summary>Opens a manifest after all of it was compared with its hash.</summary>
    /// <exception cref="BackupException">It is missing, cannot be read, or is not the one that the set was committed
    /// with.</exception>
    public static ManifestReader Open(
        IFileSystem files,
        string setFolder,
        SetState state,
        SetJob job,
        CancellationToken cancel
    )
    {
        var path = SetLayout.ManifestOf(setFolder, job.Folder);
        Check(files, path, job, cancel);
        var reader = new ManifestReader(files, path);
        if (
            reader.Header.RunId == job.WrittenBy(state)
            && string.Equals(reader.Header.Folder, job.Folder, StringComparison.Ordinal)
        )
            return reader;
        reader.Dispose();
        throw ManifestFormat.Damaged(path, "it is of another run or folder than its set");
    }

    private static void Check(IFileSystem files, string path, SetJob job, CancellationToken cancel)
    {
        using var file = Medium.OpenRead(files, path);
        using var buffer = new AlignedBuffer(1024 * 1024);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long offset = 0;
        for (int got; (got = file.Read(offset, buffer, 0, buffer.Size)) > 0; offset += got)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer.Bytes, buffer.First, got);
        }

        var actual = BitConverter.ToString(hash.GetHashAndReset()).Replace("-", "").ToLowerInvariant();
        if (offset != job.ManifestBytes || actual != job.ManifestSha256)
            throw ManifestFormat.Damaged(path, "it is not the manifest that the set was committed with");
    }
}
