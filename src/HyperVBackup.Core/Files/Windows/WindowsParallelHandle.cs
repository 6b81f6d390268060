using System;
using System.Runtime.InteropServices;
using HyperVBackup.Failures;
using Microsoft.Win32.SafeHandles;
using static HyperVBackup.Files.Windows.WindowsNative;
using ManualResetEvent = System.Threading.ManualResetEvent;

namespace HyperVBackup.Files.Windows;

/// <summary>
/// An unbuffered handle whose requests the disk gets side by side. Of a synchronous handle Windows runs one request at
/// a time, however many threads use it
/// ("Synchronous and Asynchronous I/O", Microsoft Learn). Callers wait for their own request all the same.
/// </summary>
internal sealed unsafe class WindowsParallelHandle : IDisposable
{
    private const int Pending = 997; // ERROR_IO_PENDING

    // A request that is under way needs an event of its own, and a thread has only one under way.
    [ThreadStatic]
    private static ManualResetEvent? _completed;

    private readonly SafeFileHandle _file;

    private WindowsParallelHandle(SafeFileHandle file) => _file = file;

    /// <summary>
    /// Opens a file a second time; null where its file system does not let that be done, or another file comes of it.
    /// </summary>
    public static WindowsParallelHandle? TryOpen(SafeFileHandle file, uint access, string path)
    {
        var again = ReOpenFile(file, access, ShareAll, NoBuffering | OverlappedRequests | BackupSemantics);
        try
        {
            if (!again.IsInvalid && WindowsEntry.IsSame(file, again, path))
                return new WindowsParallelHandle(again);
        }
        catch (Failures.BackupException)
        {
            // Then it is done with the handle that there is.
        }

        again.Dispose();
        return null;
    }

    /// <summary>Reads at an offset. Offset, buffer and count must be aligned.</summary>
    /// <returns>0, or the Win32 error.</returns>
    public int Read(long offset, byte* buffer, int count, out int done)
    {
        var request = Request(offset);
        return Complete(ReadFileOverlapped(_file, buffer, count, null, &request), &request, out done);
    }

    /// <summary>Writes at an offset. Offset, buffer and count must be aligned.</summary>
    /// <returns>0, or the Win32 error.</returns>
    public int Write(long offset, byte* buffer, int count, out int done)
    {
        var request = Request(offset);
        return Complete(WriteFileOverlapped(_file, buffer, count, null, &request), &request, out done);
    }

    public void Dispose() => _file.Dispose();

    private static Overlapped Request(long offset)
    {
        _completed ??= new ManualResetEvent(false);
        return new Overlapped
        {
            Offset = (uint)offset,
            OffsetHigh = (uint)(offset >> 32),
            Event = _completed.SafeWaitHandle.DangerousGetHandle(),
        };
    }

    // Whatever happens, the request is over when this returns: the system writes to it, and to the buffer, until then.
    private int Complete(bool isDone, Overlapped* request, out int done)
    {
        done = 0;
        if (!isDone && Marshal.GetLastWin32Error() is var error && error != Pending)
            return error;
        return GetOverlappedResult(_file, request, out done, true) ? 0 : Marshal.GetLastWin32Error();
    }
}
