namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Until when an asynchronous native call may go on. Asked, on the thread that made the call, while it runs.
/// </summary>
internal interface IAsyncLimit
{
    /// <summary>
    /// Whether the call is to be cancelled: whoever it is made for has cancelled, or waits no longer.
    /// </summary>
    bool IsOver { get; }
}
