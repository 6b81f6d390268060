using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// The files of Windows, in both PowerShell editions: any length of path, any legal name, device objects of shadow
/// copies, past permissions where the process holds the backup and restore privileges (which it enables for itself).
/// </summary>
public sealed unsafe class WindowsFileSystem : IFileSystem
{
    // SDDL: protected from inheritance; full access for Administrators and SYSTEM, passed on to what is created below.
    private const string PrivateSddl = "D:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)";

    /// <inheritdoc/>
    /// <remarks>
    /// True, although a folder of NTFS can be made to tell case apart (for WSL): what Hyper-V uses never is.
    /// </remarks>
    public bool IgnoresCase => true;

    /// <inheritdoc/>
    public FileEntry? Find(string path)
    {
        const string operation = "read the metadata";
        using var handle = WindowsHandle.TryOpen(path, ReadAttributes, operation, out var error);
        if (handle != null)
            return WindowsEntry.Read(handle, PathOf.Leaf(path), path);
        if (WindowsErrors.MeansMissing(error) || error is WindowsErrors.InvalidName or WindowsErrors.BadPathname)
            return null;
        var listed = error is WindowsErrors.SharingViolation or WindowsErrors.AccessDenied ? TryFindListed(path) : null;
        return listed ?? throw WindowsErrors.Of(error, path, operation);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A folder in which a volume is mounted is given by the volume's own name (<c>\\?\Volume{…}\</c>): by its path it
    /// is a link.
    /// </remarks>
    public string Resolve(string path)
    {
        const string operation = "find out where it lies";
        if (path.StartsWith(@"\\?\GLOBALROOT\", StringComparison.OrdinalIgnoreCase))
            return path;
        using var handle = WindowsHandle.TryCreate(
            WindowsPath.ToNative(path, operation),
            ReadAttributes,
            OpenExisting,
            0,
            out var error
        );
        if (handle == null)
        {
            var parent = PathOf.Parent(path);
            return WindowsErrors.MeansMissing(error) && parent != null
                ? PathOf.Join(Resolve(parent), PathOf.Leaf(path))
                : throw WindowsErrors.Of(error, path, operation);
        }

        const uint byDrive = 0,
            byVolume = 1; // VOLUME_NAME_DOS, VOLUME_NAME_GUID (GetFinalPathNameByHandleW)
        var final = FinalPath(handle, byDrive) ?? FinalPath(handle, byVolume);
        if (final == null)
            return path;
        var real = PathOf.TrimEnd(WindowsPath.ToDisplay(final));
        return Find(real) is { Kind: EntryKind.Link } && FinalPath(handle, byVolume) is { } volume
            ? PathOf.TrimEnd(volume)
            : real;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Every entry is opened for its metadata, as a listing may be out of date for files that are being written. An
    /// entry that refuses even that
    /// (a page file) is given as the folder lists it, with <see cref="FileEntry.LinkCount"/> 1 and, if it is a link, as
    /// <see cref="EntryKind.Other"/>.
    /// </remarks>
    public IReadOnlyList<FileEntry> List(string folder) => WindowsFolder.List(folder);

    /// <inheritdoc/>
    public IBlockFile OpenRead(string path, bool direct) =>
        Open(path, GenericRead, OpenExisting, direct, "open for reading");

    /// <inheritdoc/>
    /// <remarks>A read-only file loses that attribute; <see cref="SetMetadata"/> gives it back.</remarks>
    public IBlockFile OpenUpdate(string path, bool direct)
    {
        const string operation = "open for writing";
        try
        {
            return Open(path, GenericRead | GenericWrite, OpenExisting, direct, operation);
        }
        catch (BackupException e) when (e.Failure.NativeCode == WindowsErrors.AccessDenied)
        {
            if (WindowsNames.ClearReadOnly(path, operation) == null)
                throw;
            return Open(path, GenericRead | GenericWrite, OpenExisting, direct, operation);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// On Windows with the permissions that its folder passes on: a private folder is what keeps others out.
    /// </remarks>
    public IBlockFile Create(string path, bool direct)
    {
        const string operation = "create";
        var file = Open(path, GenericRead | GenericWrite, CreateNew, direct, operation);
        try
        {
            // A compressed or encrypted folder passes that on, and Hyper-V attaches no such disk.
            var attributes = file.Attributes;
            if ((attributes & AttributeCompressed) != 0)
                file.Uncompress();
            if ((attributes & AttributeEncrypted) == 0)
                return file;
        }
        catch
        {
            file.Dispose();
            DeleteFile(path);
            throw;
        }

        file.Dispose();
        if (!DecryptFileW(WindowsPath.ToNative(path, operation), 0))
        {
            var failure = WindowsErrors.Last(path, "turn off encryption");
            DeleteFile(path);
            throw failure;
        }

        return Open(path, GenericRead | GenericWrite, OpenExisting, direct, operation);
    }

    /// <inheritdoc/>
    public void CreateFolder(string path, bool isPrivate)
    {
        const string operation = "create the folder";
        WindowsProcess.Prepare();
        var native = WindowsPath.ToNative(path, operation);
        if (!isPrivate)
        {
            if (!CreateDirectoryW(native, null))
                throw WindowsErrors.Last(path, operation);
            return;
        }

        if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(PrivateSddl, 1, out var descriptor, out _))
            throw WindowsErrors.Last(path, operation);
        try
        {
            var security = new SecurityAttributes { Length = sizeof(SecurityAttributes), Descriptor = descriptor };
            if (!CreateDirectoryW(native, &security))
                throw WindowsErrors.Last(path, operation);
        }
        finally
        {
            LocalFree(descriptor);
        }
    }

    /// <inheritdoc/>
    public void CreateLink(string path, FileEntry like) => WindowsLinks.Create(path, like);

    /// <inheritdoc/>
    /// <remarks>
    /// A link to a folder that has the name is deleted first, as Windows cannot replace it atomically.
    /// </remarks>
    public void Rename(string from, string to) => WindowsNames.Rename(from, to);

    /// <inheritdoc/>
    public void DeleteFile(string path) => WindowsNames.DeleteFile(path);

    /// <inheritdoc/>
    public void DeleteFolder(string path) => WindowsNames.DeleteFolder(path);

    /// <inheritdoc/>
    public void SetMetadata(string path, FileEntry like)
    {
        using var handle = WindowsHandle.Open(path, WriteAttributes | ReadAttributes, WindowsEntry.SetOperation);
        WindowsEntry.SetLike(handle, like, path);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// NTFS journals names, but writes the journal later; flushing the folder writes it now (as flushing any file of
    /// the volume would).
    /// Where a file system or a server does not let folders be flushed, this does nothing.
    /// </remarks>
    public void FlushFolder(string folder)
    {
        const string operation = "flush";
        using var handle = WindowsHandle.TryOpen(folder, GenericWrite, operation, out var error);
        if (handle != null)
            error = FlushFileBuffers(handle) ? 0 : Marshal.GetLastWin32Error();
        if (
            error is 0 or WindowsErrors.AccessDenied or WindowsErrors.SharingViolation
            || WindowsErrors.MeansUnsupported(error)
        )
            return;
        throw WindowsErrors.Of(error, folder, operation);
    }

    /// <inheritdoc/>
    public bool TryFlushVolume(string path) => WindowsVolumes.TryFlush(path);

    /// <inheritdoc/>
    public VolumeInfo GetVolume(string path) => WindowsVolumes.Get(path);

    /// <inheritdoc/>
    public bool TryClone(string source, string destination) => WindowsClone.TryClone(source, destination);

    /// <inheritdoc/>
    /// <remarks>
    /// Null as well where the file system, or the server behind it, keeps no permissions that could be read.
    /// </remarks>
    public string? WhoElseMayWrite(string path) => WindowsPermissions.WhoElseMayWrite(path);

    private static string? FinalPath(SafeFileHandle handle, uint form)
    {
        var buffer = new char[32768];
        fixed (char* start = buffer)
        {
            var length = GetFinalPathNameByHandleW(handle, start, (uint)buffer.Length, form);
            return length > 0 && length < buffer.Length ? new string(buffer, 0, (int)length) : null;
        }
    }

    private static FileEntry? TryFindListed(string path)
    {
        try
        {
            return WindowsFolder.FindListed(path);
        }
        catch (BackupException)
        {
            return null;
        }
    }

    private static WindowsBlockFile Open(string path, uint access, uint creation, bool direct, string operation)
    {
        var native = WindowsPath.ToNative(path, operation);
        var flags = OpenReparsePoint | (direct ? NoBuffering : 0);
        var handle = WindowsHandle.TryCreate(native, access, creation, flags, out var error);
        if (handle == null && direct && error == WindowsErrors.InvalidParameter)
        {
            direct = false;
            handle = WindowsHandle.TryCreate(native, access, creation, flags &= ~NoBuffering, out error);
        }

        if (handle == null)
            throw WindowsErrors.Of(error, path, operation);
        try
        {
            WindowsHandle.Require(handle, EntryKind.File, path, operation);
            if ((WindowsEntry.Query<BasicInfo>(handle, FileBasicInfo, path).Attributes & AttributeReparsePoint) != 0)
                handle = ThroughItsFilter(handle, native, path, access, flags & ~OpenReparsePoint, operation);
            return new WindowsBlockFile(handle, path, access, direct);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // A file that a filter driver stands for (deduplication, WOF, cloud) has to be opened as any program would. If it
    // has become a link meanwhile, it is another file.
    private static SafeFileHandle ThroughItsFilter(
        SafeFileHandle itself,
        string native,
        string path,
        uint access,
        uint flags,
        string operation
    )
    {
        using (itself)
        {
            var handle =
                WindowsHandle.TryCreate(native, access, OpenExisting, flags, out var error)
                ?? throw WindowsErrors.Of(error, path, operation);
            if (WindowsEntry.IsSame(itself, handle, path))
                return handle;
            handle.Dispose();
            throw new BackupException(FailureKind.LinkRefused, path, operation, "it was replaced while it was opened");
        }
    }
}
