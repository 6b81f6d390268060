using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace HyperVBackup.Cmdlets.Tests.References;

/// <summary>The metadata of one assembly, read without loading it.</summary>
internal sealed class AssemblyFile : IDisposable
{
    private readonly PEReader _image;
    private readonly Dictionary<string, TypeDefinitionHandle> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AssemblyReferenceHandle> _forwarded = new(StringComparer.Ordinal);

    private AssemblyFile(PEReader image)
    {
        _image = image;
        Reader = image.GetMetadataReader();
        Name = Reader.GetAssemblyDefinition().GetAssemblyName();
        foreach (var handle in Reader.TypeDefinitions)
            _types[FullName(Reader, handle)] = handle;
        foreach (var handle in Reader.ExportedTypes)
        {
            var type = Reader.GetExportedType(handle);
            if (type.Implementation.Kind == HandleKind.AssemblyReference)
                _forwarded[Join(Reader, type.Namespace, type.Name)] = (AssemblyReferenceHandle)type.Implementation;
        }
    }

    public MetadataReader Reader { get; }

    public AssemblyName Name { get; }

    /// <summary>Reads one; null for a file that is no managed assembly, as a module of one.</summary>
    public static AssemblyFile? Open(string path)
    {
        var image = new PEReader(new MemoryStream(File.ReadAllBytes(path)));
        if (image.HasMetadata && image.GetMetadataReader().IsAssembly)
            return new AssemblyFile(image);
        image.Dispose();
        return null;
    }

    /// <summary>The definition of a type, if it is in this assembly.</summary>
    /// <param name="fullName">With '+' before a nested type.</param>
    public TypeDefinitionHandle? Find(string fullName) => _types.TryGetValue(fullName, out var handle) ? handle : null;

    /// <summary>
    /// The assembly that a type has moved to, if this one says so. Nested types move with the type around them.
    /// </summary>
    public AssemblyReferenceHandle? Forwarded(string fullName) =>
        _forwarded.TryGetValue(fullName.Split('+')[0], out var handle) ? handle : null;

    public void Dispose() => _image.Dispose();

    public static string FullName(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var outer = type.GetDeclaringType();
        return outer.IsNil
            ? Join(reader, type.Namespace, type.Name)
            : FullName(reader, outer) + "+" + reader.GetString(type.Name);
    }

    public static string FullName(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? FullName(reader, (TypeReferenceHandle)type.ResolutionScope) + "+" + reader.GetString(type.Name)
            : Join(reader, type.Namespace, type.Name);
    }

    private static string Join(MetadataReader reader, StringHandle space, StringHandle name) =>
        space.IsNil ? reader.GetString(name) : reader.GetString(space) + "." + reader.GetString(name);
}
