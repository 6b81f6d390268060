using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using HyperVBackup.Runs;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace HyperVBackup.Tests.Architecture;

/// <summary>The floor plan of the core library, and that nothing is built against it.</summary>
public sealed class RoomOrderTests
{
    /// <summary>
    /// The rooms, bottom first: a room uses only rooms that stand before it. What each is for stands in
    /// CONTRIBUTING.md.
    /// </summary>
    private static readonly string[] Rooms =
    {
        "Failures",
        "Text",
        "Json",
        "Files",
        "Progress",
        "Host",
        "Disks",
        "Walking",
        "Content",
        "Manifests",
        "Layout",
        "Machines",
        "Mirroring",
        "Plans",
        "Shadows",
        "Sets",
        "Runs",
        "Scheduling",
    };

    [Fact]
    public void Every_type_of_the_core_library_stands_in_a_room()
    {
        Platform.NeedsPosix(); // Once is enough: the compiled core is the same everywhere.
        LookForStrays();
    }

    // Apart, so that where the test is skipped the reader of assemblies need not be there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookForStrays()
    {
        using var core = Core();
        var strays = core
            .Types.Where(type => type.Namespace.StartsWith("HyperVBackup", StringComparison.Ordinal))
            .Where(type => !Rooms.Contains(RoomOf(type)))
            .Select(type => type.FullName);
        Assert.Empty(strays);
    }

    [Fact]
    public void A_room_uses_only_rooms_below_it()
    {
        Platform.NeedsPosix();
        LookAgainstTheOrder();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LookAgainstTheOrder()
    {
        using var core = Core();
        var against = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in core.GetTypes())
        {
            var floor = Array.IndexOf(Rooms, RoomOf(type));
            foreach (var (used, where) in UsesOf(type))
                if (Array.IndexOf(Rooms, RoomOf(used)) > floor)
                    against.Add(where + ": " + type.FullName + " (" + RoomOf(type) + ") uses " + used.FullName);
        }

        Assert.True(against.Count == 0, "Against the order of the rooms:\n" + string.Join("\n", against));
    }

    private static ModuleDefinition Core() =>
        ModuleDefinition.ReadModule(typeof(BackupRun).Assembly.Location, new ReaderParameters { ReadSymbols = true });

    private static string RoomOf(TypeReference type)
    {
        while (type.DeclaringType != null)
            type = type.DeclaringType;
        var parts = type.Namespace.Split('.');
        return parts.Length > 1 && parts[0] == "HyperVBackup" ? parts[1] : "";
    }

    // Whatever a type names: in its declaration, its members' signatures and their code. Constants leave no trace in
    // compiled code, and bind nothing.
    private static IEnumerable<(TypeReference Used, string Where)> UsesOf(TypeDefinition type)
    {
        var file = FileOf(type);
        var declared = type
            .Interfaces.Select(face => face.InterfaceType)
            .Append(type.BaseType)
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.CustomAttributes.Select(attribute => attribute.AttributeType));
        foreach (var used in declared.SelectMany(PartsOf))
            yield return (used, file);
        foreach (var method in type.Methods)
        {
            foreach (var used in OfSignature(method).SelectMany(PartsOf))
                yield return (used, file);
            if (!method.HasBody)
                continue;
            var held = method
                .Body.Variables.Select(variable => variable.VariableType)
                .Concat(method.Body.ExceptionHandlers.Select(handler => handler.CatchType));
            foreach (var used in held.SelectMany(PartsOf))
                yield return (used, file);
            var line = 0;
            foreach (var instruction in method.Body.Instructions)
            {
                if (method.DebugInformation.GetSequencePoint(instruction) is { IsHidden: false } point)
                    line = point.StartLine;
                foreach (var used in OfOperand(instruction.Operand).SelectMany(PartsOf))
                    yield return (used, file + ":" + line);
            }
        }
    }

    private static IEnumerable<TypeReference?> OfSignature(MethodReference method)
    {
        yield return method.DeclaringType;
        yield return method.ReturnType;
        foreach (var parameter in method.Parameters)
            yield return parameter.ParameterType;
        if (method is GenericInstanceMethod generic)
            foreach (var argument in generic.GenericArguments)
                yield return argument;
    }

    private static IEnumerable<TypeReference?> OfOperand(object? operand) =>
        operand switch
        {
            MethodReference method => OfSignature(method),
            FieldReference field => new[] { field.DeclaringType, field.FieldType },
            TypeReference type => new[] { type },
            _ => Array.Empty<TypeReference>(),
        };

    private static IEnumerable<TypeReference> PartsOf(TypeReference? type)
    {
        if (type is null or GenericParameter)
            return Array.Empty<TypeReference>();
        if (type is GenericInstanceType generic)
            return generic.GenericArguments.SelectMany(PartsOf).Concat(PartsOf(generic.ElementType));
        return type is TypeSpecification made ? PartsOf(made.ElementType) : new[] { type };
    }

    private static string FileOf(TypeDefinition type)
    {
        while (type.DeclaringType != null)
            type = type.DeclaringType;
        var document = type
            .Methods.Concat(type.NestedTypes.SelectMany(nested => nested.Methods))
            .SelectMany(method => method.DebugInformation.SequencePoints)
            .FirstOrDefault()
            ?.Document.Url;
        return document == null ? type.Name : Path.GetFileName(document);
    }
}
