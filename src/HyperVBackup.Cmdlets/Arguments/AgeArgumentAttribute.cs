using System;
using System.Globalization;
using System.Management.Automation;
using HyperVBackup.Reports;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>
/// Lets a time span be given in days: without it PowerShell would take the number 2 for two ticks, and the text '2' for
/// two days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AgeArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TimeSpan span => span,
            string text when AgeText.TryParse(text, out var age) => age,
            sbyte
            or byte
            or short
            or ushort
            or int
            or uint
            or long
            or ulong
            or float
            or double
            or decimal when AgeText.TryMake(Convert.ToDouble(value, CultureInfo.InvariantCulture), out var days) =>
                days,
            _ => throw new ArgumentTransformationMetadataException(
                "'" + value + "' is no age; write " + AgeText.Examples + "."
            ),
        };
    }
}
