using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HyperVBackup.Tests.Vss.Requester;

/// <summary>An IVssAsync with a table of functions of its own, as native code would see it.</summary>
internal sealed unsafe class FakeAsync
{
    public const int Pending = 0x00042309;
    public const int Finished = 0x0004230A;

    private readonly Action<FakeAsync>? _onWait;
    private readonly GCHandle _self;

    /// <summary>Makes one that is pending.</summary>
    /// <param name="onWait">Called at each wait.</param>
    public FakeAsync(Action<FakeAsync>? onWait = null)
    {
        _onWait = onWait;
        _self = GCHandle.Alloc(this);
        var memory = (void**)NativeMemory.Alloc(8, (nuint)sizeof(void*));
        memory[0] = memory + 2;
        memory[1] = (void*)GCHandle.ToIntPtr(_self);
        memory[4] = (delegate* unmanaged[Stdcall]<void**, uint>)&Release;
        memory[5] = (delegate* unmanaged[Stdcall]<void**, int>)&Cancel;
        memory[6] = (delegate* unmanaged[Stdcall]<void**, uint, int>)&Wait;
        memory[7] = (delegate* unmanaged[Stdcall]<void**, int*, int*, int>)&QueryStatus;
        Pointer = (IntPtr)memory;
    }

    public IntPtr Pointer { get; }

    /// <summary>What was called.</summary>
    public List<string> Calls { get; } = new();

    /// <summary>What QueryStatus says.</summary>
    public int Status { get; set; } = Pending;

    public int WaitResult { get; set; }

    public int QueryResult { get; set; }

    private static FakeAsync Of(void** self) => (FakeAsync)GCHandle.FromIntPtr((IntPtr)self[1]).Target!;

    [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvStdcall) })]
    private static uint Release(void** self)
    {
        var one = Of(self);
        one.Calls.Add("Release");
        one._self.Free();
        NativeMemory.Free(self);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvStdcall) })]
    private static int Cancel(void** self)
    {
        Of(self).Calls.Add("Cancel");
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvStdcall) })]
    private static int Wait(void** self, uint milliseconds)
    {
        var one = Of(self);
        if (milliseconds is 0 or > 1000)
            one.Calls.Add("a wait that cannot be interrupted");
        if (one.Calls.Count == 0 || one.Calls[^1] != "Wait")
            one.Calls.Add("Wait");
        one._onWait?.Invoke(one);
        return one.WaitResult;
    }

    [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvStdcall) })]
    private static int QueryStatus(void** self, int* status, int* reserved)
    {
        var one = Of(self);
        if (reserved != null)
            one.Calls.Add("a reserved argument that is not null");
        *status = one.Status;
        return one.QueryResult;
    }
}
