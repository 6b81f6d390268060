using System;
using System.Diagnostics;
using System.Threading;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// Waits for an asynchronous call of VSS. Short waits, one after another: in between it is seen whether its time is
/// over, and then it is cancelled. A wait without an end could be
/// interrupted by nothing, and a cancelled backup would keep the writers frozen.
/// </summary>
internal static unsafe class AsyncOperation
{
    /// <summary>VSS_S_ASYNC_PENDING of vsserror.h.</summary>
    private const int Pending = 0x00042309;
    private const uint SliceMilliseconds = 200;

    /// <summary>
    /// How long an operation may take to notice that it was cancelled, before its caller goes on without it.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>Waits for the end of an operation and releases it.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="call">The call that began it.</param>
    /// <param name="limit">Until when it may go on; null: for ever.</param>
    /// <exception cref="VssCallException">It failed, or was cancelled (<see
    /// cref="VssHResult.AsyncCancelled"/>).</exception>
    public static void Finish(ComObject operation, string call, IAsyncLimit? limit)
    {
        using (operation)
        {
            var status = Wait(operation, call, limit);
            if (status is < 0 or VssHResult.AsyncCancelled)
                throw new VssCallException(call, status);
        }
    }

    private static int Wait(ComObject operation, string call, IAsyncLimit? limit)
    {
        Stopwatch? cancelled = null;
        while (true)
        {
            var status = 0;
            var result = AsyncTable.Wait(operation, SliceMilliseconds);
            if (result >= 0)
                result = AsyncTable.QueryStatus(operation, &status, null);
            if (result < 0)
            {
                // Nobody will learn any more how it ends, so it had better not go on.
                AsyncTable.Cancel(operation);
                throw new VssCallException(call, result);
            }

            if (status != Pending)
                return status;
            if (cancelled?.Elapsed > Grace)
                return VssHResult.AsyncCancelled;
            if (cancelled == null && limit?.IsOver == true)
            {
                AsyncTable.Cancel(operation);
                cancelled = Stopwatch.StartNew();
            }

            // Where a wait ends at once although nothing has: not to keep a processor busy with asking.
            Thread.Sleep(1);
        }
    }
}
