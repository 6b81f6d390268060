using System;
using System.IO;
using Alphaleonis.Win32.Vss;
using HyperVBackup.Shadows.Vss;

namespace HyperVBackup.Vss;

/// <summary>The only door to AlphaVSS's own loader. Reached on Windows only.</summary>
internal static class AlphaVssLoader
{
    /// <summary>Loads the native part from this assembly's folder.</summary>
    public static Func<IVssApi> Load() =>
        Load(
            new VssFactoryProvider(
                new ModuleFolderResolver(Path.GetDirectoryName(typeof(AlphaVssLoader).Assembly.Location) ?? ".")
            ).GetVssFactory()
        );

    /// <summary>The way to make instances with a factory of AlphaVSS.</summary>
    public static Func<IVssApi> Load(IVssFactory? factory) =>
        factory == null
            ? throw new InvalidOperationException("the native part has no factory")
            : () =>
            {
                try
                {
                    return new AlphaVssApi(factory.CreateVssBackupComponents());
                }
                catch (Exception e)
                {
                    throw AlphaVssErrors.Translate(VssAttempt.CreateCall, e);
                }
            };
}
