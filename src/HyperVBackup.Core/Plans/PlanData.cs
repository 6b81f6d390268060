using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Files;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Plans;

/// <summary>Plans written as a data file of PowerShell (.psd1): a hashtable of the same shape as the JSON.</summary>
internal static class PlanData
{
    private const string Extension = ".psd1",
        Step = "    ";

    /// <summary>Whether a file of this name holds PowerShell data.</summary>
    public static bool IsFor(string path) =>
        string.Equals(Path.GetExtension(path), Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The plan's text. Reading it gives the same plan.</summary>
    public static string Of(BackupPlan plan)
    {
        var text = new StringBuilder();
        Write(text, JToken.Parse(PlanText.Of(plan)), "");
        return text.AppendLine().ToString().Replace("\r\n", "\n").Replace("\n", PathOf.IsWindows ? "\r\n" : "\n");
    }

    private static void Write(StringBuilder text, JToken value, string indent)
    {
        switch (value)
        {
            case JObject table:
                text.Append("@{\n");
                foreach (var property in table.Properties())
                {
                    text.Append(indent).Append(Step).Append(property.Name).Append(" = ");
                    Write(text, property.Value, indent + Step);
                    text.Append('\n');
                }

                text.Append(indent).Append('}');
                break;
            case JArray list when list.Any(item => item is JObject):
                text.Append("@(\n");
                foreach (var item in list)
                {
                    text.Append(indent).Append(Step);
                    Write(text, item, indent + Step);
                    text.Append('\n');
                }

                text.Append(indent).Append(')');
                break;
            case JArray list:
                text.Append("@(");
                for (var i = 0; i < list.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Write(text, list[i], indent);
                }

                text.Append(')');
                break;
            case { Type: JTokenType.Boolean }:
                text.Append((bool)value ? "$true" : "$false");
                break;
            case { Type: JTokenType.Integer }:
                text.Append(((long)value).ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append('\'').Append(Quoted((string?)value ?? "")).Append('\'');
                break;
        }
    }

    // The typographic quotation marks are quotation marks to PowerShell, too.
    private static string Quoted(string text) =>
        string.Concat(
            text.Select(c =>
                c is '\'' or '\u2018' or '\u2019' or '\u201a' or '\u201b' ? new string(c, 2) : c.ToString()
            )
        );
}
