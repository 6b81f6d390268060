using System;
using System.Collections.Generic;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>
/// How the writers are doing (GetWriterStatusEx, or GetWriterStatus where a Windows has nothing better), as data.
/// </summary>
internal static unsafe class StatusReader
{
    public static IReadOnlyList<WriterStatus> Read(ComObject native)
    {
        uint count;
        BackupComponents.Check(BackupComponentsTable.GetWriterStatusCount(native, &count), "GetWriterStatusCount");
        using var ex = native.As(BackupComponentsTable.Ex3);
        var all = new List<WriterStatus>();
        for (uint index = 0; index < count; index++)
            all.Add(ex == null ? Plain(native, index) : WithWords(ex, index));
        return all;
    }

    private static WriterStatus WithWords(ComObject ex, uint index)
    {
        Guid instance,
            writer;
        char* name = null,
            message = null;
        int state,
            failure,
            application = 0;
        var result = BackupComponentsTable.Ex3GetWriterStatus(
            ex,
            index,
            &instance,
            &writer,
            &name,
            &state,
            &failure,
            &application,
            &message
        );
        BackupComponents.Check(result, nameof(IVssApi.GetWriterStatus));
        var title = ComText.TakeBstr(name) ?? "";
        return new WriterStatus(
            instance,
            writer,
            title,
            (WriterState)state,
            failure,
            application,
            ComText.TakeBstr(message)
        );
    }

    private static WriterStatus Plain(ComObject native, uint index)
    {
        Guid instance,
            writer;
        char* name = null;
        int state,
            failure;
        var result = BackupComponentsTable.GetWriterStatus(native, index, &instance, &writer, &name, &state, &failure);
        BackupComponents.Check(result, nameof(IVssApi.GetWriterStatus));
        return new WriterStatus(instance, writer, ComText.TakeBstr(name) ?? "", (WriterState)state, failure);
    }
}
