using System;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>IVssEnumObject (vss.h), by the places in its table.</summary>
internal static unsafe class EnumObjectTable
{
    public static int Next(ComObject self, uint count, ObjectProp* objects, uint* fetched) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, ObjectProp*, uint*, int>)self.Slot(3))(
            self.Pointer,
            count,
            objects,
            fetched
        );
}
