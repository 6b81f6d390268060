using System;

namespace HyperVBackup.Files;

/// <summary>
/// Names of files that are being written. Nobody else uses them, so leftovers of a crash can be told and removed.
/// </summary>
internal static class TemporaryNames
{
    /// <summary>What every temporary name starts with.</summary>
    public const string Prefix = ".hvbackup-tmp-";

    /// <summary>
    /// What the folders of shadow sets made of block clones or snapshots start with; they are never backed up.
    /// </summary>
    public const string ShadowPrefix = ".hvbackup-shadow-";

    /// <summary>A new temporary name: short, so that it fits wherever a name fits.</summary>
    public static string Next() => Prefix + Guid.NewGuid().ToString("N").Substring(0, 16);

    /// <summary>The name of the folder of a shadow copy.</summary>
    public static string ShadowFolder(Guid shadow) => ShadowPrefix + shadow.ToString("N").Substring(0, 16);

    /// <summary>Whether a name is that of a shadow copy's folder.</summary>
    public static bool IsShadow(string name) => name.StartsWith(ShadowPrefix, StringComparison.Ordinal);

    /// <summary>Whether a name is a temporary one of ours.</summary>
    public static bool IsOurs(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether an entry of a source is our own scaffolding.</summary>
    public static bool IsScaffolding(string name) => IsOurs(name) || IsShadow(name);
}
