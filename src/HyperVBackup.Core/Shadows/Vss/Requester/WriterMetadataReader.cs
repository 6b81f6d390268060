using System;
using System.Collections.Generic;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss.Requester;

/// <summary>What the writers say they have (GetWriterMetadata), as data.</summary>
internal static unsafe class WriterMetadataReader
{
    public static IReadOnlyList<WriterMetadata> Read(ComObject native)
    {
        uint count;
        BackupComponents.Check(BackupComponentsTable.GetWriterMetadataCount(native, &count), "GetWriterMetadataCount");
        var all = new List<WriterMetadata>();
        for (uint index = 0; index < count; index++)
        {
            Guid instance;
            var metadata = IntPtr.Zero;
            BackupComponents.Check(
                BackupComponentsTable.GetWriterMetadata(native, index, &instance, &metadata),
                nameof(IVssApi.GetWriterMetadata)
            );
            using var writer = ComObject.Of(metadata, nameof(IVssApi.GetWriterMetadata));
            all.Add(Writer(writer));
        }

        return all;
    }

    private static WriterMetadata Writer(ComObject native)
    {
        Guid instance,
            writer;
        char* title = null;
        int usage,
            source;
        BackupComponents.Check(
            ExamineWriterMetadataTable.GetIdentity(native, &instance, &writer, &title, &usage, &source),
            "GetIdentity"
        );
        var name = ComText.TakeBstr(title) ?? "";
        uint includes,
            excludes,
            count;
        BackupComponents.Check(
            ExamineWriterMetadataTable.GetFileCounts(native, &includes, &excludes, &count),
            "GetFileCounts"
        );
        var components = new List<WriterComponent>();
        for (uint index = 0; index < count; index++)
        {
            var component = IntPtr.Zero;
            BackupComponents.Check(ExamineWriterMetadataTable.GetComponent(native, index, &component), "GetComponent");
            using var one = ComObject.Of(component, "GetComponent");
            components.Add(Component(one));
        }

        char* xml = null;
        BackupComponents.Check(ExamineWriterMetadataTable.SaveAsXml(native, &xml), nameof(IVssApi.SaveAsXml));
        return new WriterMetadata(writer, instance, name, components, ComText.TakeBstr(xml) ?? "");
    }

    private static WriterComponent Component(ComObject native)
    {
        ComponentInfo* info = null;
        BackupComponents.Check(MetadataComponentTable.GetComponentInfo(native, &info), "GetComponentInfo");
        if (info == null)
            throw new VssCallException("GetComponentInfo", VssHResult.Unexpected);
        try
        {
            var files = new List<WriterFile>();
            for (uint index = 0; index < info->FileCount; index++)
            {
                var file = IntPtr.Zero;
                BackupComponents.Check(MetadataComponentTable.GetFile(native, index, &file), "GetFile");
                using var one = ComObject.Of(file, "GetFile");
                files.Add(File(one));
            }

            var path = ComText.ReadBstr(info->LogicalPath);
            var name = ComText.ReadBstr(info->Name) ?? "";
            var caption = ComText.ReadBstr(info->Caption);
            return new WriterComponent((ComponentType)info->Type, path, name, caption, info->Selectable != 0, files);
        }
        finally
        {
            // Only the component that gave it can free it.
            _ = MetadataComponentTable.FreeComponentInfo(native, info);
        }
    }

    private static WriterFile File(ComObject native)
    {
        char* text = null;
        byte recursive;
        BackupComponents.Check(FileDescriptionTable.GetPath(native, &text), "GetPath");
        var path = ComText.TakeBstr(text) ?? "";
        text = null;
        BackupComponents.Check(FileDescriptionTable.GetFilespec(native, &text), "GetFilespec");
        var specification = ComText.TakeBstr(text) ?? "";
        text = null;
        BackupComponents.Check(FileDescriptionTable.GetRecursive(native, &recursive), "GetRecursive");
        BackupComponents.Check(FileDescriptionTable.GetAlternateLocation(native, &text), "GetAlternateLocation");
        var alternate = ComText.TakeBstr(text);
        return new WriterFile(path, specification, recursive != 0, string.IsNullOrEmpty(alternate) ? null : alternate);
    }
}
