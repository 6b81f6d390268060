using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Tests.Plans;

/// <summary>
/// As much of JSON Schema (draft 7) as the schema of plans uses. A keyword it does not know is an error, so that no
/// rule of the schema goes unchecked.
/// </summary>
internal sealed class MiniSchema(JObject root)
{
    private static readonly HashSet<string> Remarks =
    [
        "$schema",
        "$id",
        "title",
        "description",
        "default",
        "definitions",
        "allowComments",
        "allowTrailingCommas",
        "markdownDescription",
        "examples",
    ];

    /// <summary>What is wrong with a value; empty when it is right.</summary>
    public IReadOnlyList<string> Problems(JToken value) => Check(root, value, "$").ToList();

    /// <summary>A schema, or the one it refers to.</summary>
    public JObject Follow(JToken schema) =>
        (string?)schema["$ref"] is { } reference
            ? (JObject)root.SelectToken(reference.Substring(2).Replace('/', '.'), true)!
            : (JObject)schema;

    private IEnumerable<string> Check(JObject schema, JToken value, string at)
    {
        if (schema["$ref"] != null)
            return Check(Follow(schema), value, at);
        return schema
            .Properties()
            .Where(rule => !Remarks.Contains(rule.Name))
            .SelectMany(rule => Check(schema, rule.Name, rule.Value, value, at));
    }

    private IEnumerable<string> Check(JObject schema, string keyword, JToken rule, JToken value, string at)
    {
        var (json, list, text) = (
            value as JObject,
            value as JArray,
            value.Type == JTokenType.String ? (string?)value : null
        );
        var number = value.Type == JTokenType.Integer ? (long?)value : null;
        switch (keyword)
        {
            case "type":
                return Unless(Types(rule).Contains(Type(value)), at + " must be " + rule);
            case "enum":
                return Unless(rule.Any(choice => JToken.DeepEquals(choice, value)), at + " must be one of " + rule);
            case "properties":
                return json == null
                    ? []
                    : ((JObject)rule)
                        .Properties()
                        .Where(one => json[one.Name] != null)
                        .SelectMany(one => Check((JObject)one.Value, json[one.Name]!, at + "." + one.Name));
            case "additionalProperties":
                return json == null || (bool)rule
                    ? []
                    : json.Properties()
                        .Where(one => schema["properties"]![one.Name] == null)
                        .Select(one => at + "." + one.Name + " is unknown");
            case "required":
                return json == null
                    ? []
                    : rule.Where(one => json[(string)one!] == null).Select(one => at + "." + one + " is missing");
            case "items":
                return list == null ? [] : list.SelectMany((item, i) => Check((JObject)rule, item, at + "[" + i + "]"));
            case "minItems":
                return Unless(list == null || list.Count >= (int)rule, at + " has too few items");
            case "maxItems":
                return Unless(list == null || list.Count <= (int)rule, at + " has too many items");
            case "minProperties":
                return Unless(json == null || json.Count >= (int)rule, at + " has too few properties");
            case "uniqueItems":
                return Unless(
                    list == null || list.Select(item => item.ToString()).Distinct().Count() == list.Count,
                    at + " has items twice"
                );
            case "minimum":
                return Unless(number == null || number >= (long)rule, at + " is too small");
            case "maximum":
                return Unless(number == null || number <= (long)rule, at + " is too large");
            case "minLength":
                return Unless(text == null || text.Length >= (int)rule, at + " is too short");
            case "maxLength":
                return Unless(text == null || text.Length <= (int)rule, at + " is too long");
            case "pattern":
                return Unless(
                    text == null || Regex.IsMatch(text, (string)rule!, RegexOptions.ECMAScript),
                    at + " does not match " + rule
                );
            case "oneOf":
                return Unless(
                    rule.Count(one => !Check((JObject)one, value, at).Any()) == 1,
                    at + " is none, or several, of " + rule
                );
            case "anyOf":
                return Unless(rule.Any(one => !Check((JObject)one, value, at).Any()), at + " is none of " + rule);
            default:
                throw new NotSupportedException("The schema uses '" + keyword + "', which this checker does not know.");
        }
    }

    private static IEnumerable<string> Unless(bool isRight, string problem) => isRight ? [] : [problem];

    private static IEnumerable<string?> Types(JToken rule) =>
        rule is JArray many ? many.Select(one => (string?)one) : [(string?)rule];

    private static string Type(JToken value) =>
        value.Type switch
        {
            JTokenType.Object => "object",
            JTokenType.Array => "array",
            JTokenType.String => "string",
            JTokenType.Integer => "integer",
            JTokenType.Boolean => "boolean",
            JTokenType.Null => "null",
            _ => "number",
        };
}
