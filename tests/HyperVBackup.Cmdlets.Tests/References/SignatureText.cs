using System;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection.Metadata;

namespace HyperVBackup.Cmdlets.Tests.References;

/// <summary>
/// Signatures as text, with the names of types but not of assemblies, which differ between a reference and what it is
/// resolved to.
/// </summary>
internal sealed class SignatureText : ISignatureTypeProvider<string, object?>
{
    private static readonly SignatureText Instance = new();

    public static string OfMember(MetadataReader reader, MemberReference member) =>
        member.GetKind() == MemberReferenceKind.Field
            ? member.DecodeFieldSignature(Instance, null)
            : Of(member.DecodeMethodSignature(Instance, null));

    public static string OfMethod(MethodDefinition method) => Of(method.DecodeSignature(Instance, null));

    public static string OfField(FieldDefinition field) => field.DecodeSignature(Instance, null);

    /// <summary>
    /// The generic type that is instantiated, or "" for arrays and the like, whose members no assembly defines.
    /// </summary>
    public static EntityHandle Definition(MetadataReader reader, TypeSpecificationHandle handle)
    {
        var blob = reader.GetBlobReader(reader.GetTypeSpecification(handle).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return default;
        blob.ReadCompressedInteger(); // class or value type
        return blob.ReadTypeHandle();
    }

    private static string Of(MethodSignature<string> method) =>
        method.ReturnType
        + (method.Header.IsInstance ? " instance" : "")
        + "`"
        + method.GenericParameterCount
        + "("
        + string.Join(", ", method.ParameterTypes)
        + ")";

    public string GetArrayType(string elementType, ArrayShape shape) =>
        elementType + "[" + new string(',', shape.Rank) + "]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "*" + Of(signature);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        genericType + "<" + string.Join(", ", typeArguments) + ">";

    public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index;

    public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) =>
        isRequired ? unmodifiedType + " modreq " + modifier : unmodifiedType;

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        AssemblyFile.FullName(reader, handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        AssemblyFile.FullName(reader, handle);

    public string GetTypeFromSpecification(
        MetadataReader reader,
        object? genericContext,
        TypeSpecificationHandle handle,
        byte rawTypeKind
    ) => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
}
