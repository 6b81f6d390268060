using System;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// IVssExamineWriterMetadata (vsbackup.h), the members that a backup needs, by their places in its table.
/// </summary>
internal static unsafe class ExamineWriterMetadataTable
{
    public static int GetIdentity(ComObject self, Guid* instance, Guid* writer, char** name, int* usage, int* source) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid*, Guid*, char**, int*, int*, int>)self.Slot(3))(
            self.Pointer,
            instance,
            writer,
            name,
            usage,
            source
        );

    public static int GetFileCounts(ComObject self, uint* includes, uint* excludes, uint* components) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint*, uint*, uint*, int>)self.Slot(4))(
            self.Pointer,
            includes,
            excludes,
            components
        );

    public static int GetComponent(ComObject self, uint index, IntPtr* component) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, IntPtr*, int>)self.Slot(7))(self.Pointer, index, component);

    public static int SaveAsXml(ComObject self, char** xml) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(12))(self.Pointer, xml);
}

/// <summary>IVssWMComponent (vsbackup.h), the members that a backup needs, by their places in its table.</summary>
internal static unsafe class MetadataComponentTable
{
    public static int GetComponentInfo(ComObject self, ComponentInfo** info) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, ComponentInfo**, int>)self.Slot(3))(self.Pointer, info);

    public static int FreeComponentInfo(ComObject self, ComponentInfo* info) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, ComponentInfo*, int>)self.Slot(4))(self.Pointer, info);

    public static int GetFile(ComObject self, uint index, IntPtr* file) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, IntPtr*, int>)self.Slot(5))(self.Pointer, index, file);
}

/// <summary>IVssWMFiledesc (vswriter.h), the members that a backup needs, by their places in its table.</summary>
internal static unsafe class FileDescriptionTable
{
    public static int GetPath(ComObject self, char** path) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(3))(self.Pointer, path);

    public static int GetFilespec(ComObject self, char** specification) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(4))(self.Pointer, specification);

    public static int GetRecursive(ComObject self, byte* recursive) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, byte*, int>)self.Slot(5))(self.Pointer, recursive);

    public static int GetAlternateLocation(ComObject self, char** location) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(6))(self.Pointer, location);
}
