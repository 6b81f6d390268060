using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using HyperVBackup.Machines;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>
/// Lets a parameter for virtual machines take ids and machines: ours, and those of Get-VM, which have their id in
/// <c>Id</c> too.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MachineArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value =
            inputData is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : inputData;
        var many = value is IEnumerable list and not string ? list.Cast<object>().ToArray() : new[] { value };
        return many.All(item => WordFor(item) != null) ? many.Select(WordFor).ToArray() : inputData;
    }

    private static string? WordFor(object? item) =>
        (item is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : item) switch
        {
            string word => word,
            Guid id => id.ToString("D"),
            HyperVMachine machine => machine.Id.ToString("D"),
            { } other => PSObject.AsPSObject(other).Properties["Id"]?.Value is Guid id ? id.ToString("D") : null,
            null => null,
        };
}
