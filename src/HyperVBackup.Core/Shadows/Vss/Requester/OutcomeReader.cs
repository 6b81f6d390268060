using System;
using System.Collections.Generic;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// What the writers noted on the components of this backup (GetWriterComponents), as data. A note that cannot be read
/// is left out: it must not hide the others.
/// </summary>
internal static unsafe class OutcomeReader
{
    public static IReadOnlyList<ComponentOutcome> Read(ComObject native)
    {
        uint count;
        BackupComponents.Check(
            BackupComponentsTable.GetWriterComponentsCount(native, &count),
            "GetWriterComponentsCount"
        );
        var all = new List<ComponentOutcome>();
        for (uint index = 0; index < count; index++)
        {
            var found = IntPtr.Zero;
            if (BackupComponentsTable.GetWriterComponents(native, index, &found) < 0 || found == IntPtr.Zero)
                continue;

            // IVssWriterComponentsExt derives from IVssWriterComponents, which is no IUnknown, and from IUnknown:
            // that one's table is the object's second.
            using var writer = new ComObject(found, found + IntPtr.Size);
            Writer(writer, all);
        }

        return all;
    }

    private static void Writer(ComObject native, List<ComponentOutcome> all)
    {
        uint count;
        Guid instance,
            writer;
        if (
            WriterComponentsTable.GetComponentCount(native, &count) < 0
            || WriterComponentsTable.GetWriterInfo(native, &instance, &writer) < 0
        )
            return;
        for (uint index = 0; index < count; index++)
        {
            var found = IntPtr.Zero;
            if (WriterComponentsTable.GetComponent(native, index, &found) < 0 || found == IntPtr.Zero)
                continue;
            using var component = new ComObject(found, found);
            if (Key(component, instance, writer) is { } key)
                all.Add(Outcome(component, key));
        }
    }

    private static ComponentKey? Key(ComObject native, Guid instance, Guid writer)
    {
        char* path = null,
            name = null;
        int type;
        if (ComponentTable.GetComponentName(native, &name) < 0)
            return null;
        var title = ComText.TakeBstr(name);
        if (
            title == null
            || ComponentTable.GetComponentType(native, &type) < 0
            || ComponentTable.GetLogicalPath(native, &path) < 0
        )
            return null;
        return new ComponentKey(instance, writer, (ComponentType)type, ComText.TakeBstr(path), title);
    }

    private static ComponentOutcome Outcome(ComObject native, ComponentKey key)
    {
        int failure = 0,
            application = 0;
        string? message = null;
        using (var ex2 = native.As(ComponentTable.Ex2))
        {
            char* said = null;
            uint reserved;
            if (ex2 == null || ComponentTable.Ex2GetFailure(ex2, &failure, &application, &said, &reserved) < 0)
                failure = application = 0;
            else
                message = ComText.TakeBstr(said);
        }

        if (string.IsNullOrWhiteSpace(message))
            message = Message(native);
        return new ComponentOutcome(key, failure, application, message);
    }

    // Which an older writer leaves instead of a failure.
    private static string? Message(ComObject native)
    {
        using var ex = native.As(ComponentTable.Ex);
        if (ex == null)
            return null;
        char* said = null;
        var message = ComponentTable.ExGetPostSnapshotFailureMsg(ex, &said) < 0 ? null : ComText.TakeBstr(said);
        if (!string.IsNullOrWhiteSpace(message))
            return message;
        said = null;
        message = ComponentTable.ExGetPrepareForBackupFailureMsg(ex, &said) < 0 ? null : ComText.TakeBstr(said);
        return string.IsNullOrWhiteSpace(message) ? null : message;
    }
}
