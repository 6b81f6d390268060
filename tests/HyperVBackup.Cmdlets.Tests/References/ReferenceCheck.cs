using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace HyperVBackup.Cmdlets.Tests.References;

/// <summary>
/// Follows every reference of the module's assemblies to an assembly, a type and a member, as the runtime would when it
/// first needs it.
/// </summary>
internal sealed class ReferenceCheck
{
    private readonly Edition _edition;

    private ReferenceCheck(Edition edition) => _edition = edition;

    /// <summary>How many references were followed: to assemblies, types, members.</summary>
    public (int Assemblies, int Types, int Members) Followed { get; private set; }

    /// <summary>Those that lead nowhere, in words.</summary>
    public List<string> Broken { get; } = [];

    public static ReferenceCheck Of(Edition edition)
    {
        var check = new ReferenceCheck(edition);
        foreach (var file in edition.Module)
            check.Follow(file);
        return check;
    }

    private void Follow(AssemblyFile file)
    {
        var reader = file.Reader;
        var name = file.Name.Name + ": ";
        foreach (var handle in reader.AssemblyReferences)
        {
            var wanted = reader.GetAssemblyReference(handle).GetAssemblyName();
            if (_edition.Resolve(wanted, out var why) == null)
                Broken.Add(name + wanted + " " + why);
        }

        foreach (var handle in reader.TypeReferences)
            if (Find(file, handle) is null)
                Broken.Add(
                    name + "the type " + AssemblyFile.FullName(reader, handle) + " is not in " + ScopeOf(reader, handle)
                );

        var members = reader.MemberReferences.Select(reader.GetMemberReference).ToList();
        foreach (var member in members)
            if (!Has(file, member))
                Broken.Add(
                    name
                        + "the member "
                        + reader.GetString(member.Name)
                        + " as "
                        + SignatureText.OfMember(reader, member)
                        + " is not in its type"
                );

        Followed = (
            Followed.Assemblies + reader.AssemblyReferences.Count,
            Followed.Types + reader.TypeReferences.Count,
            Followed.Members + members.Count
        );
    }

    private bool Has(AssemblyFile file, MemberReference member)
    {
        var name = file.Reader.GetString(member.Name);
        var signature = SignatureText.OfMember(file.Reader, member);
        var parent = member.Parent;
        if (
            parent.Kind == HandleKind.TypeSpecification
            && SignatureText.Definition(file.Reader, (TypeSpecificationHandle)parent).IsNil
        )
            return true; // Members of arrays are the runtime's own.
        for (
            var type = Find(file, parent);
            type is var (there, handle);
            type = Find(there, there.Reader.GetTypeDefinition(handle).BaseType)
        )
        {
            var reader = there.Reader;
            var definition = reader.GetTypeDefinition(handle);
            if (
                definition
                    .GetMethods()
                    .Select(reader.GetMethodDefinition)
                    .Any(method =>
                        reader.StringComparer.Equals(method.Name, name) && SignatureText.OfMethod(method) == signature
                    )
            )
                return true;
            if (
                definition
                    .GetFields()
                    .Select(reader.GetFieldDefinition)
                    .Any(field =>
                        reader.StringComparer.Equals(field.Name, name) && SignatureText.OfField(field) == signature
                    )
            )
                return true;
            if (name == ".ctor")
                return false;
        }

        return false;
    }

    private (AssemblyFile File, TypeDefinitionHandle Type)? Find(AssemblyFile file, EntityHandle type) =>
        type.Kind switch
        {
            _ when type.IsNil => null,
            HandleKind.TypeDefinition => (file, (TypeDefinitionHandle)type),
            HandleKind.TypeReference => Find(file, (TypeReferenceHandle)type),
            HandleKind.TypeSpecification => Find(
                file,
                SignatureText.Definition(file.Reader, (TypeSpecificationHandle)type)
            ),
            HandleKind.MethodDefinition => (
                file,
                file.Reader.GetMethodDefinition((MethodDefinitionHandle)type).GetDeclaringType()
            ),
            _ => null,
        };

    private (AssemblyFile File, TypeDefinitionHandle Type)? Find(AssemblyFile file, TypeReferenceHandle type) =>
        ScopeOf(file.Reader, type) is { } scope && _edition.Resolve(scope, out _) is { } there
            ? Find(there, AssemblyFile.FullName(file.Reader, type))
            : null;

    // Where it is defined, through however many assemblies that only say where it has moved.
    private (AssemblyFile File, TypeDefinitionHandle Type)? Find(AssemblyFile file, string type)
    {
        if (file.Find(type) is { } handle)
            return (file, handle);
        return
            file.Forwarded(type) is { } moved
            && _edition.Resolve(file.Reader.GetAssemblyReference(moved).GetAssemblyName(), out _) is { } there
            ? Find(there, type)
            : null;
    }

    private static AssemblyName? ScopeOf(MetadataReader reader, TypeReferenceHandle type)
    {
        var scope = reader.GetTypeReference(type).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => ScopeOf(reader, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => reader
                .GetAssemblyReference((AssemblyReferenceHandle)scope)
                .GetAssemblyName(),
            _ => null,
        };
    }
}
