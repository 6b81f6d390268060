using System;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// IVssBackupComponents (vsbackup.h), the members that a backup needs, by their places in its table. A bool of C++ is
/// one byte, a BOOL is four.
/// </summary>
internal static unsafe class BackupComponentsTable
{
    /// <summary>IVssBackupComponentsEx2 (Windows Vista SP1 and later).</summary>
    public static readonly Guid Ex2 = new("acfe2b3a-22c9-4ef8-bd03-2f9ca230084e");

    /// <summary>IVssBackupComponentsEx3 (Windows 7 and later).</summary>
    public static readonly Guid Ex3 = new("c191bfbc-b602-4675-8bd1-67d642f529d5");

    public static int GetWriterComponentsCount(ComObject self, uint* count) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint*, int>)self.Slot(3))(self.Pointer, count);

    public static int GetWriterComponents(ComObject self, uint index, IntPtr* writer) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, IntPtr*, int>)self.Slot(4))(self.Pointer, index, writer);

    public static int InitializeForBackup(ComObject self, IntPtr xml) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, IntPtr, int>)self.Slot(5))(self.Pointer, xml);

    public static int SetBackupState(
        ComObject self,
        byte selectComponents,
        byte bootableSystemState,
        int type,
        byte partialFiles
    ) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, byte, byte, int, byte, int>)self.Slot(6))(
            self.Pointer,
            selectComponents,
            bootableSystemState,
            type,
            partialFiles
        );

    public static int GatherWriterMetadata(ComObject self, IntPtr* operation) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, IntPtr*, int>)self.Slot(9))(self.Pointer, operation);

    public static int GetWriterMetadataCount(ComObject self, uint* count) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint*, int>)self.Slot(10))(self.Pointer, count);

    public static int GetWriterMetadata(ComObject self, uint index, Guid* instance, IntPtr* metadata) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, Guid*, IntPtr*, int>)self.Slot(11))(
            self.Pointer,
            index,
            instance,
            metadata
        );

    public static int AddComponent(
        ComObject self,
        Guid instance,
        Guid writer,
        int type,
        char* logicalPath,
        char* name
    ) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, Guid, int, char*, char*, int>)self.Slot(13))(
            self.Pointer,
            instance,
            writer,
            type,
            logicalPath,
            name
        );

    public static int PrepareForBackup(ComObject self, IntPtr* operation) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, IntPtr*, int>)self.Slot(14))(self.Pointer, operation);

    public static int AbortBackup(ComObject self) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, int>)self.Slot(15))(self.Pointer);

    public static int GatherWriterStatus(ComObject self, IntPtr* operation) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, IntPtr*, int>)self.Slot(16))(self.Pointer, operation);

    public static int GetWriterStatusCount(ComObject self, uint* count) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint*, int>)self.Slot(17))(self.Pointer, count);

    public static int FreeWriterStatus(ComObject self) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, int>)self.Slot(18))(self.Pointer);

    public static int GetWriterStatus(
        ComObject self,
        uint index,
        Guid* instance,
        Guid* writer,
        char** name,
        int* state,
        int* failure
    ) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, uint, Guid*, Guid*, char**, int*, int*, int>)self.Slot(19))(
            self.Pointer,
            index,
            instance,
            writer,
            name,
            state,
            failure
        );

    public static int SetBackupSucceeded(
        ComObject self,
        Guid instance,
        Guid writer,
        int type,
        char* logicalPath,
        char* name,
        byte succeeded
    ) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, Guid, int, char*, char*, byte, int>)self.Slot(20))(
            self.Pointer,
            instance,
            writer,
            type,
            logicalPath,
            name,
            succeeded
        );

    public static int SaveAsXml(ComObject self, char** xml) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char**, int>)self.Slot(26))(self.Pointer, xml);

    public static int BackupComplete(ComObject self, IntPtr* operation) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, IntPtr*, int>)self.Slot(27))(self.Pointer, operation);

    public static int SetContext(ComObject self, int context) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, int, int>)self.Slot(35))(self.Pointer, context);

    public static int StartSnapshotSet(ComObject self, Guid* set) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid*, int>)self.Slot(36))(self.Pointer, set);

    public static int AddToSnapshotSet(ComObject self, char* volume, Guid provider, Guid* snapshot) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, char*, Guid, Guid*, int>)self.Slot(37))(
            self.Pointer,
            volume,
            provider,
            snapshot
        );

    public static int DoSnapshotSet(ComObject self, IntPtr* operation) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, IntPtr*, int>)self.Slot(38))(self.Pointer, operation);

    public static int DeleteSnapshots(ComObject self, Guid id, int type, int force, int* deleted, Guid* notDeleted) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, int, int, int*, Guid*, int>)self.Slot(39))(
            self.Pointer,
            id,
            type,
            force,
            deleted,
            notDeleted
        );

    public static int GetSnapshotProperties(ComObject self, Guid snapshot, SnapshotProp* properties) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, SnapshotProp*, int>)self.Slot(42))(
            self.Pointer,
            snapshot,
            properties
        );

    public static int Query(ComObject self, Guid id, int type, int wanted, IntPtr* list) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, int, int, IntPtr*, int>)self.Slot(43))(
            self.Pointer,
            id,
            type,
            wanted,
            list
        );

    public static int IsVolumeSupported(ComObject self, Guid provider, char* volume, int* supported) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, char*, int*, int>)self.Slot(44))(
            self.Pointer,
            provider,
            volume,
            supported
        );

    public static int ExposeSnapshot(
        ComObject self,
        Guid snapshot,
        char* pathFromRoot,
        int attributes,
        char* expose,
        char** exposed
    ) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, char*, int, char*, char**, int>)self.Slot(48))(
            self.Pointer,
            snapshot,
            pathFromRoot,
            attributes,
            expose,
            exposed
        );

    public static int Ex2UnexposeSnapshot(ComObject self, Guid snapshot) =>
        ((delegate* unmanaged[Stdcall]<IntPtr, Guid, int>)self.Slot(53))(self.Pointer, snapshot);

    public static int Ex3GetWriterStatus(
        ComObject self,
        uint index,
        Guid* instance,
        Guid* writer,
        char** name,
        int* state,
        int* failure,
        int* application,
        char** message
    ) =>
        (
            (delegate* unmanaged[Stdcall]<IntPtr, uint, Guid*, Guid*, char**, int*, int*, int*, char**, int>)
                self.Slot(60)
        )(self.Pointer, index, instance, writer, name, state, failure, application, message);
}
