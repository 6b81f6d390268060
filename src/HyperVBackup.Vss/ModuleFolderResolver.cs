using System;
using System.IO;
using System.Linq;
using System.Reflection;
using Alphaleonis.Win32.Vss;

namespace HyperVBackup.Vss;

/// <summary>
/// Finds AlphaVSS's native part where the module keeps it. AlphaVSS's own resolver looks in the folders of the host
/// program: under pwsh those are PowerShell's.
/// It is loaded into the context that this assembly is in, where AlphaVSS.Common is as well: in another, its types
/// would not be the same.
/// </summary>
internal sealed class ModuleFolderResolver : IVssAssemblyResolver
{
    private readonly string _folder;
    private readonly Func<string, Assembly> _load;

    public ModuleFolderResolver(string folder)
        : this(folder, LoadBeside) { }

    public ModuleFolderResolver(string folder, Func<string, Assembly> load)
    {
        _folder = folder;
        _load = load;
    }

    /// <inheritdoc/>
    public Assembly LoadAssembly(AssemblyName assemblyName)
    {
        var file = assemblyName.Name + ".dll";
        var platform =
            assemblyName.Name?.EndsWith("x86", StringComparison.OrdinalIgnoreCase) == true ? "win-x86" : "win-x64";
        var places = new[] { Path.Combine(_folder, file), Path.Combine(_folder, "runtimes", platform, "native", file) };
        return _load(places.FirstOrDefault(File.Exists) ?? throw new NativePartMissingException(places[0]));
    }

#if NETFRAMEWORK
    private static Assembly LoadBeside(string file) => Assembly.LoadFrom(file);
#else
    private static Assembly LoadBeside(string file) =>
        (
            System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(typeof(ModuleFolderResolver).Assembly)
            ?? System.Runtime.Loader.AssemblyLoadContext.Default
        ).LoadFromAssemblyPath(file);
#endif
}
