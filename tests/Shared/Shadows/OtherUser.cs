using System;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace HyperVBackup.Tests.Shadows;

/// <summary>
/// Somebody who is not root. On Linux each thread has an owner of its own, which the C library hides and the kernel
/// does not: one thread gives its rights away and ends.
/// </summary>
internal static class OtherUser
{
    /// <summary>The id that is nobody's on all distributions.</summary>
    public const int Nobody = 65534;

    /// <summary>Does something as nobody.</summary>
    public static T Do<T>(Func<T> act)
    {
        ExceptionDispatchInfo? failure = null;
        T result = default!;
        var thread = new Thread(() =>
        {
            try
            {
                // setresuid: asm/unistd_64.h, asm-generic/unistd.h.
                Assert.Equal(
                    0,
                    syscall(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117, -1, Nobody, -1)
                );
                result = act();
            }
#pragma warning disable CA1031 // Thrown on by the thread that waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    [DllImport("libc")]
    private static extern nint syscall(nint number, nint real, nint effective, nint saved);
}
