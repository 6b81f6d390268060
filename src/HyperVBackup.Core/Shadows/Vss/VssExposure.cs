using System;
using HyperVBackup.Failures;
using HyperVBackup.Files;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// Where a shadow copy is to be exposed, as people write it: <c>X:</c>, a folder, or <c>\\host\share</c>, with the part
/// to share after it (<c>\\host\share\some\folder</c>).
/// </summary>
/// <param name="Name">The drive letter with its colon, the folder, or the share's name.</param>
/// <param name="IsShared">Whether it is a share.</param>
/// <param name="PathFromRoot">The part of the volume that is shared; null for all of it.</param>
/// <param name="IsDrive">Whether it is a drive letter.</param>
internal sealed record VssExposure(string Name, bool IsShared, string? PathFromRoot, bool IsDrive)
{
    /// <summary>Whether a path is that of a share.</summary>
    public static bool IsShare(string where) =>
        where.StartsWith(@"\\", StringComparison.Ordinal) && !PathOf.IsDevicePath(where);

    /// <summary>Takes apart what a person wrote.</summary>
    /// <exception cref="BackupException"><see cref="FailureKind.ExposeFailed"/>: it is none of the three.</exception>
    public static VssExposure Of(string where)
    {
        if (IsShare(where))
        {
            var parts = where.Substring(2).Split(new[] { '\\', '/' }, 3, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 2)
                throw Unusable(where, "a share is written \\\\host\\name");
            if (!IsThisHost(parts[0]))
                throw Unusable(
                    where,
                    "shadow copies can be shared by their own host only, which is " + Environment.MachineName
                );
            return new VssExposure(parts[1], true, parts.Length == 3 ? "\\" + parts[2] : null, false);
        }

        if (
            where.Length is 2 or 3
            && where[1] == ':'
            && char.IsLetter(where[0])
            && (where.Length == 2 || where[2] == '\\')
        )
            return new VssExposure(char.ToUpperInvariant(where[0]) + ":", false, null, true);
        if (string.IsNullOrWhiteSpace(where))
            throw Unusable("''", "name a folder, a drive letter or a share");
        return new VssExposure(PathOf.Full(where), false, null, false);
    }

    private static bool IsThisHost(string name) =>
        name is "." or "127.0.0.1"
        || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);

    private static BackupException Unusable(string where, string cause) =>
        new(FailureKind.ExposeFailed, where, "expose the shadow copy there", cause);
}
