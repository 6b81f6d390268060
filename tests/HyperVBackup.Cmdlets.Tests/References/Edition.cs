using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace HyperVBackup.Cmdlets.Tests.References;

/// <summary>One edition of PowerShell: what its shell brings, and how its runtime picks an assembly.</summary>
internal sealed class Edition : IDisposable
{
    private readonly Dictionary<string, AssemblyFile> _shell = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, AssemblyFile> _module = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _needsExactVersions;

    /// <summary>An edition that brings everything in these folders and files.</summary>
    /// <param name="needsExactVersions">
    /// .NET Framework gives a strong-named reference that version and no other (powershell.exe has no binding redirects
    /// for modules), but unifies its own assemblies upwards
    /// ("How the Runtime Locates Assemblies", "Assembly unification"). .NET takes any version that is not older
    /// ("Managed assembly loading algorithm").
    /// </param>
    /// <param name="shell">Reference assemblies.</param>
    public Edition(bool needsExactVersions, IEnumerable<string> shell)
    {
        _needsExactVersions = needsExactVersions;
        foreach (var file in shell)
            Add(_shell, file);
    }

    /// <summary>The module's assemblies.</summary>
    public IEnumerable<AssemblyFile> Module => _module.Values;

    /// <summary>Adds an assembly of the module.</summary>
    public void Load(string file) => Add(_module, file);

    /// <summary>The assembly that a reference leads to; null, and why, if it leads nowhere.</summary>
    public AssemblyFile? Resolve(AssemblyName wanted, out string why)
    {
        var ofShell = _shell.TryGetValue(wanted.Name!, out var found);
        if (!ofShell && !_module.TryGetValue(wanted.Name!, out found))
        {
            why = "is neither in the module nor brought by the shell";
            return null;
        }

        var there = found!.Name;
        why = "is there as " + there;
        var strong = wanted.GetPublicKeyToken() is { Length: > 0 };
        if (strong && !wanted.GetPublicKeyToken()!.SequenceEqual(there.GetPublicKeyToken() ?? []))
            return null;
        if (_needsExactVersions && !ofShell)
            return !strong || there.Version == wanted.Version ? found : null;
        return there.Version >= wanted.Version ? found : null;
    }

    public void Dispose()
    {
        foreach (var file in _shell.Values.Concat(_module.Values))
            file.Dispose();
    }

    private static void Add(Dictionary<string, AssemblyFile> to, string path)
    {
        if (AssemblyFile.Open(path) is not { } file)
            return;
        if (!to.TryAdd(file.Name.Name!, file))
            throw new InvalidDataException(path + " is there twice");
    }
}
