using System;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// A COM object that is ours to release. Its members are called by their places in its table of functions, with
/// arguments that need no marshalling: the interfaces of vssapi.dll are
/// C++ interfaces, some without an identifier, so .NET's own COM support cannot be told of them, and has no part in
/// native programs either.
/// </summary>
internal sealed unsafe class ComObject : IDisposable
{
    private const int QueryInterfaceSlot = 0;
    private const int ReleaseSlot = 2;
    private IntPtr _identity;

    /// <summary>Takes an object over.</summary>
    /// <param name="pointer">The interface.</param>
    /// <param name="identity">Where its IUnknown is, for the one interface that does not begin with it.</param>
    public ComObject(IntPtr pointer, IntPtr identity)
    {
        Pointer = pointer;
        _identity = identity;
    }

    /// <summary>The interface, as its members' first argument.</summary>
    public IntPtr Pointer { get; }

    /// <summary>The object that a call gave.</summary>
    /// <exception cref="VssCallException">It gave none although it succeeded.</exception>
    public static ComObject Of(IntPtr pointer, string call)
    {
        if (pointer != IntPtr.Zero)
            return new ComObject(pointer, pointer);
        throw new VssCallException(call, VssHResult.Unexpected, "the call succeeded and gave no object");
    }

    /// <summary>A function of the interface's table.</summary>
    public void* Slot(int index) => (*(void***)Pointer)[index];

    /// <summary>
    /// Another interface of the object, to be released by itself; null when it has none (an older Windows).
    /// </summary>
    public ComObject? As(Guid interfaceId)
    {
        var found = IntPtr.Zero;
        var query = (delegate* unmanaged[Stdcall]<IntPtr, Guid*, IntPtr*, int>)Slot(QueryInterfaceSlot);
        return query(Pointer, &interfaceId, &found) < 0 || found == IntPtr.Zero ? null : new ComObject(found, found);
    }

    /// <summary>Releases it, once.</summary>
    public void Dispose()
    {
        var identity = _identity;
        _identity = IntPtr.Zero;
        if (identity == IntPtr.Zero)
            return;
        var release = (delegate* unmanaged[Stdcall]<IntPtr, uint>)(*(void***)identity)[ReleaseSlot];
        release(identity);
    }
}
