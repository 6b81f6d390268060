using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Plans;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cmdlets.Arguments;

/// <summary>
/// The forms a plan comes in: a .json or .psd1 file, a hashtable or object of the same shape, or a plan.
/// </summary>
internal static class PlanArgument
{
    private const int DeepestHashtable = 16;
    private static readonly Dictionary<string, string> Names = PlanJson
        .PropertyNames.Distinct()
        .ToDictionary(name => name, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Reads a plan. Relative paths in a file start from its folder, others from the current location.
    /// </summary>
    /// <exception cref="PlanException">It is no plan; says why.</exception>
    public static BackupPlan Read(PSCmdlet cmdlet, object plan)
    {
        var value = plan is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : plan;
        switch (value)
        {
            case BackupPlan ready:
                return ready;
            case FileInfo file:
                return ReadFile(file.FullName);
            case string path:
                return ReadFile(PathArguments.Typed(cmdlet, path, FailureKind.BadPlan));
            default:
                return PlanJson.Parse(
                    ToToken(value, "plan", 0).ToString(),
                    "The plan given as " + (value is IDictionary ? "a hashtable" : "an object"),
                    cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath,
                    false
                );
        }
    }

    /// <summary>
    /// A command of a plan: its path alone or with arguments behind it, or a hashtable like that in a plan.
    /// </summary>
    /// <exception cref="PlanException">It is none; says why.</exception>
    public static PlanCommand? ReadCommand(PSCmdlet cmdlet, string name, object? value)
    {
        var token = ToToken(value, name, 0);
        var words = token is JArray array ? array.ToList() : new List<JToken> { token };
        if (token.Type is JTokenType.String or JTokenType.Array && words.Count > 0)
            token = new JObject { ["command"] = words[0], ["arguments"] = new JArray(words.Skip(1)) };
        var plan = new JObject { [char.ToLowerInvariant(name[0]) + name.Substring(1)] = token };
        var read = PlanJson.FromToken(
            plan,
            "-" + name,
            cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        );
        return read.OnSuccess ?? read.OnFailure;
    }

    /// <summary>A rule of what to keep: a hashtable like that in a plan, or <c>last=7,daily=14</c>.</summary>
    /// <exception cref="PlanException">It is none; says why.</exception>
    public static KeepRule? ReadKeep(PSCmdlet cmdlet, object value)
    {
        if (ToToken(value, "keep", 0) is not { Type: JTokenType.String } text)
            return PlanJson
                .FromToken(
                    new JObject { ["keep"] = ToToken(value, "keep", 0) },
                    "-Keep",
                    cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath
                )
                .Keep;
        return KeepRule.TryParse((string)text!, out var problem)
            ?? throw new PlanException("-Keep", new[] { new PlanProblem("keep", problem) });
    }

    private static BackupPlan ReadFile(string path)
    {
        var text = PlanFile.ReadText(path, ", or back folders up with -Source and -Destination");
        var folder = PathOf.Parent(path);
        return string.Equals(Path.GetExtension(path), ".psd1", StringComparison.OrdinalIgnoreCase)
            ? PlanJson.Parse(ToToken(ReadData(path, text), "plan", 0).ToString(), path, folder, false)
            : PlanJson.Parse(text, path, folder);
    }

    // As Import-PowerShellDataFile does: data is read, nothing in the file is run.
    private static object ReadData(string path, string text)
    {
        var script = Parser.ParseInput(text, out _, out var errors);
        if (errors.Length > 0)
            throw Bad(path, "line " + errors[0].Extent.StartLineNumber + ": " + errors[0].Message.TrimEnd('.'));
        if (script.Find(node => node is HashtableAst, false) is not HashtableAst table)
            throw Bad(path, "it holds no hashtable: @{ jobs = @( … ) }");
        try
        {
            return table.SafeGetValue();
        }
        catch (InvalidOperationException)
        {
            throw Bad(path, "it holds more than data; variables and commands are not run in a plan");
        }
    }

    private static JToken ToToken(object? item, string where, int depth)
    {
        if (depth > DeepestHashtable)
            throw new PlanException("The plan", new[] { new PlanProblem(where, "it is nested too deeply") });
        var value = item is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : item;
        switch (value)
        {
            case null:
                return JValue.CreateNull();
            case string or char or Guid:
                return new JValue(value.ToString());
            case bool flag:
                return new JValue(flag);
            case SwitchParameter flag:
                return new JValue(flag.IsPresent);
            case FileSystemInfo file:
                return new JValue(file.FullName);
            case byte or sbyte or short or ushort or int or uint or long:
                return new JValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
            // PowerShell makes doubles of 10MB * 1.5 and of large numbers.
            case double number when Math.Abs(number) < 1e15 && Math.Floor(number) == number:
                return new JValue((long)number);
            case float or double or decimal or ulong:
                return new JValue(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
            case IDictionary table:
                return ToObject(
                    table.Cast<DictionaryEntry>().Select(entry => (entry.Key.ToString(), (object?)entry.Value)),
                    where,
                    depth
                );
            case PSObject custom:
                return ToObject(PropertiesOf(custom), where, depth);
            case IEnumerable many:
                return new JArray(
                    many.Cast<object>().Select((one, i) => ToToken(one, where + "[" + i + "]", depth + 1))
                );
            default:
                throw new PlanException(
                    "The plan",
                    new[]
                    {
                        new PlanProblem(
                            where,
                            "a "
                                + value.GetType().Name
                                + " is nothing a plan can hold; use texts, numbers, $true, $false, lists and hashtables"
                        ),
                    }
                );
        }
    }

    // A plan that has travelled (a job, remoting, Export-Clixml) is a bag of the properties it had as an object: what
    // is derived from others goes, times get their units.
    private static IEnumerable<(string Name, object? Value)> PropertiesOf(PSObject custom)
    {
        var travelled = custom.TypeNames.FirstOrDefault(name =>
            name.StartsWith("Deserialized." + typeof(BackupPlan).Namespace + ".", StringComparison.Ordinal)
        );
        foreach (var property in custom.Properties)
        {
            // A rule of what to keep stands instead of the sets, whose names are then as usual.
            if (
                travelled != null
                && property.Name == nameof(BackupPlan.Sets)
                && custom.Properties[nameof(BackupPlan.Keep)]?.Value != null
            )
                continue;
            if (travelled == null)
                yield return (property.Name, property.Value);
            else if (
                property.Name
                is nameof(BackupPlan.File)
                    or nameof(BackupJob.FolderName)
                    or nameof(BackupJob.Filter)
                    or nameof(KeepRule.SetsAtMost)
            )
                continue;
            else if (property.Value is not TimeSpan time)
                yield return (property.Name, property.Value);
            else if (
                property.Name == nameof(ShadowOptions.Timeout)
                && travelled.EndsWith(nameof(ShadowOptions), StringComparison.Ordinal)
            )
                yield return (property.Name + "Minutes", time.TotalMinutes);
            else
                yield return (property.Name + "Seconds", time.TotalSeconds);
        }
    }

    // Hashtables do not tell cases apart; the plan's own spelling is exact.
    private static JObject ToObject(IEnumerable<(string Name, object? Value)> properties, string where, int depth)
    {
        var result = new JObject();
        // $null is how PowerShell has what was not given.
        foreach (var (name, value) in properties.Where(property => !IsNull(property.Value)))
            result[Names.TryGetValue(name, out var exact) ? exact : name] = ToToken(
                value,
                where + "." + name,
                depth + 1
            );
        return result;
    }

    private static bool IsNull(object? value) =>
        value == null || value == System.Management.Automation.Internal.AutomationNull.Value;

    private static PlanException Bad(string path, string why) => new(path, new[] { new PlanProblem("(file)", why) });
}
