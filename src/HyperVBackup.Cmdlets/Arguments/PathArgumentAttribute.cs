using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Files;
using HyperVBackup.Sets;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>
/// Lets a path parameter take what has a path: files, folders and drives of .NET and PowerShell, sets, exposed shadow
/// copies. Without it PowerShell would take
/// their text, which for the folders of Get-ChildItem in Windows PowerShell is a bare name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PathArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is IEnumerable many and not string)
            return many.Cast<object>().Select(PathOf).ToArray();
        return PathOf(value);
    }

    private static object PathOf(object item)
    {
        var value = item is PSObject wrapped ? wrapped.BaseObject : item;
        return value switch
        {
            FileSystemInfo file => file.FullName,
            DriveInfo drive => drive.RootDirectory.FullName,
            PSDriveInfo drive => drive.Root,
            SetInfo set => set.Path,
            Shadow { ExposedAt: { } place } => place,
            Shadow shadow => throw new ArgumentTransformationMetadataException(
                "The shadow copy of "
                    + shadow.Volume
                    + " is not exposed, so it has no path. Expose it first: … | Expose-HvShadow -MountRoot <folder>"
            ),
            _ => item,
        };
    }
}
