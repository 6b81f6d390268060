using System;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>IVssAsync (vss.h), by the places in its table.</summary>
internal static unsafe class AsyncTable
{
    public static int Cancel(ComObject self) => ((delegate* unmanaged[Stdcall]<IntPtr, int>)self.Slot(3))(self.Pointer);

    public static int Wait(ComObject self, uint milliseconds) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, int>)self.Slot(4))(self.Pointer, milliseconds);

    public static int QueryStatus(ComObject self, int* status, int* reserved) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, int*, int*, int>)self.Slot(5))(self.Pointer, status, reserved);
}
