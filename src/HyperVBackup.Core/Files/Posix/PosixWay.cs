using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using static HyperVBackup.Files.Posix.PosixNative;

namespace HyperVBackup.Files.Posix;

/// <summary>
/// The one way to a file of 64-bit Linux: no link is followed anywhere in a path. Only
/// <see cref="IFileSystem.Resolve"/> follows them, once, for what a person names; whoever puts a link in the
/// place of a folder afterwards, on whatever part of the path, gets a refusal instead of our rights.
/// Linux 5.6 checks that itself (openat2(2), RESOLVE_NO_SYMLINKS); where it cannot, folder after folder is opened.
/// </summary>
internal static unsafe class PosixWay
{
    /// <summary>ELOOP: a link that was not to be followed.</summary>
    public const int IsLink = 40;

    private const long OpenAt2 = 437; // The same number on every architecture.
    private const ulong NoSymlinks = 0x04; // RESOLVE_NO_SYMLINKS, which includes links such as those in /proc.
    private static readonly bool KernelWalks = CanKernelWalk();

    /// <summary>Opens what a path names, as open(2) does.</summary>
    /// <returns>A descriptor; negative: the error's number below zero.</returns>
    public static int Open(string path, int flags, uint mode = 0)
    {
        if (!KernelWalks)
            return OpenByParts(path, flags | NoFollow | CloseOnExec, mode);
        // Without O_NOFOLLOW a link in the place of a folder is ELOOP, with it ENOTDIR.
        return Open(
            AtFdCwd,
            PosixFileSystem.Bytes(path),
            flags | CloseOnExec | ((flags & DirectoryOnly) == 0 ? NoFollow : 0),
            mode
        );
    }

    /// <summary>The same without the help of the kernel's openat2.</summary>
    internal static int OpenByParts(string path, int flags, uint mode)
    {
        var trimmed = PathOf.TrimEnd(path);
        var parts = trimmed.Split(new[] { '/' }, StringSplitOptions.RemoveEmptyEntries);
        var at = path.StartsWith("/", StringComparison.Ordinal)
            ? Result(open(PosixFileSystem.Bytes("/"), PathOnly | DirectoryOnly | CloseOnExec, 0))
            : AtFdCwd;
        if (parts.Length == 0)
            return ReopenRoot(at, flags);
        for (var i = 0; i < parts.Length && (at >= 0 || at == AtFdCwd); i++)
        {
            var name = PosixFileSystem.Bytes(parts[i]);
            var isLast = i == parts.Length - 1;
            var next = Result(
                openat(at, name, isLast ? flags : PathOnly | DirectoryOnly | NoFollow | CloseOnExec, isLast ? mode : 0)
            );
            // A link is no folder: ENOTDIR (open(2), O_DIRECTORY with O_NOFOLLOW).
            if (next == -PosixErrors.NotADirectory && IsLinkIn(at, name))
                next = -IsLink;
            if (at >= 0)
                close(at);
            at = next;
        }

        return at;
    }

    /// <summary>What a failure to get to a path is called; a link on the way is named.</summary>
    public static BackupException Failed(int errno, string path, string operation) =>
        errno == IsLink && LinkOn(path) is { } link && link != PathOf.TrimEnd(path)
            ? new BackupException(
                new Failure(
                    FailureKind.LinkRefused,
                    path,
                    operation,
                    link + " is a symbolic link, and links are not followed"
                )
                {
                    NativeCode = errno,
                }
            )
            : PosixErrors.Of(errno, path, operation);

    // The first link on the way: for words only.
    private static string? LinkOn(string path)
    {
        string? first = null;
        for (var part = PathOf.TrimEnd(path); part != null; part = PathOf.Parent(part))
            if (IsLinkIn(AtFdCwd, PosixFileSystem.Bytes(part)))
                first = part;
        return first;
    }

    private static bool IsLinkIn(int folder, byte[] name)
    {
        const int typeBits = 0xF000,
            linkType = 0xA000;
        Statx stat;
        return statx(folder, name, AtSymlinkNoFollow, StatxBasicAndBirth, &stat) == 0
            && (stat.Mode & typeBits) == linkType;
    }

    private static int Open(int at, byte[] path, int flags, uint mode)
    {
        var how = new OpenHow
        {
            Flags = (ulong)(uint)flags,
            Mode = (flags & CreateFlag) != 0 ? mode : 0,
            Resolve = NoSymlinks,
        };
        return Result((int)syscall(OpenAt2, at, path, &how, sizeof(OpenHow)));
    }

    private static int ReopenRoot(int root, int flags)
    {
        if (root < 0)
            return root;
        var opened = Result(openat(root, PosixFileSystem.Bytes("."), flags, 0));
        close(root);
        return opened;
    }

    // ENOSYS of older kernels; EPERM of sandboxes that do not know the call.
    private static bool CanKernelWalk()
    {
        var root = Open(AtFdCwd, PosixFileSystem.Bytes("/"), PathOnly | DirectoryOnly | CloseOnExec, 0);
        if (root >= 0)
            close(root);
        return root >= 0;
    }

    private static int Result(int descriptor) => descriptor >= 0 ? descriptor : -Marshal.GetLastWin32Error();
}

/// <summary>
/// A name in a folder that is held open: what is done to the name is done in that very folder, whatever its path leads
/// to meanwhile.
/// </summary>
internal readonly struct PosixPlace : IDisposable
{
    private PosixPlace(int folder, byte[] name)
    {
        Folder = folder;
        Name = name;
    }

    /// <summary>The folder's descriptor, or the one that stands for the working folder.</summary>
    public int Folder { get; }

    /// <summary>The name in it.</summary>
    public byte[] Name { get; }

    /// <summary>The place of a path.</summary>
    /// <exception cref="BackupException">A folder of it is missing, or is a link.</exception>
    public static PosixPlace Of(string path, string operation)
    {
        var errno = TryOpen(path, out var place);
        return errno == 0 ? place : throw PosixWay.Failed(errno, path, operation);
    }

    /// <summary>The place of a path; the error's number when there is none.</summary>
    public static int TryOpen(string path, out PosixPlace place)
    {
        var parent = PathOf.Parent(path);
        var folder = parent == null ? AtFdCwd : PosixWay.Open(parent, PathOnly | DirectoryOnly);
        place =
            folder >= 0 || parent == null
                ? new PosixPlace(folder, PosixFileSystem.Bytes(parent == null ? path : PathOf.Leaf(path)))
                : default;
        return parent == null || folder >= 0 ? 0 : -folder;
    }

    public void Dispose()
    {
        if (Folder >= 0)
            close(Folder);
    }
}
