using System;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// IVssWriterComponents (vswriter.h), by the places in its table. What GetWriterComponents gives derives from it and
/// from IUnknown, in that order: its first table begins with these three.
/// </summary>
internal static unsafe class WriterComponentsTable
{
    public static int GetComponentCount(ComObject self, uint* count) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint*, int>)self.Slot(0))(self.Pointer, count);

    public static int GetWriterInfo(ComObject self, Guid* instance, Guid* writer) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid*, Guid*, int>)self.Slot(1))(self.Pointer, instance, writer);

    public static int GetComponent(ComObject self, uint index, IntPtr* component) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, IntPtr*, int>)self.Slot(2))(self.Pointer, index, component);
}

/// <summary>
/// IVssComponent (vswriter.h) and its successors, the members that a backup needs, by their places in the table.
/// </summary>
internal static unsafe class ComponentTable
{
    /// <summary>IVssComponentEx (Windows Vista SP1 and later).</summary>
    public static readonly Guid Ex = new("156c8b5e-f131-4bd7-9c97-d1923be7e1fa");

    /// <summary>IVssComponentEx2 (Windows 7 and later).</summary>
    public static readonly Guid Ex2 = new("3b5be0f2-07a9-4e4b-bdd3-cfdc8e2c0d2d");

    public static int GetLogicalPath(ComObject self, char** path) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(3))(self.Pointer, path);

    public static int GetComponentType(ComObject self, int* type) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, int*, int>)self.Slot(4))(self.Pointer, type);

    public static int GetComponentName(ComObject self, char** name) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(5))(self.Pointer, name);

    public static int ExGetPrepareForBackupFailureMsg(ComObject self, char** message) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(43))(self.Pointer, message);

    public static int ExGetPostSnapshotFailureMsg(ComObject self, char** message) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(44))(self.Pointer, message);

    public static int Ex2GetFailure(ComObject self, int* failure, int* application, char** message, uint* reserved) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, int*, int*, char**, uint*, int>)self.Slot(49))(
            self.Pointer,
            failure,
            application,
            message,
            reserved
        );
}
