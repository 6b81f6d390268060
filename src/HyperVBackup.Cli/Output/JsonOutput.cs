using System;
using System.Globalization;
using System.IO;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace HyperVBackup.Cli.Output;

/// <summary>
/// The one JSON object of <c>--json</c>: camelCase, enumerations as words, times as ISO 8601 in UTC, durations in seconds. It is pure ASCII, so that no
/// code page of a console can spoil it, and names that are no valid UTF-8 come through as <c>\udc80</c>.
/// </summary>
internal static class JsonOutput
{
    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()), new Seconds() },
        DateTimeZoneHandling = DateTimeZoneHandling.Utc,
    });

    /// <summary>Any plain data of the library as JSON.</summary>
    public static JToken ToToken(object value) => JToken.FromObject(value, Serializer);

    /// <summary>Writes the object of a command.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="result">The command's own properties.</param>
    /// <param name="outcome">complete, completeWithWarnings, failed, cancelled or damaged.</param>
    /// <param name="exitCode">The process exit code.</param>
    public static void Write(TextWriter output, JObject result, string outcome, int exitCode)
    {
        result.Remove("outcome");
        result.Remove("exitCode");
        result.AddFirst(new JProperty("exitCode", exitCode));
        result.AddFirst(new JProperty("outcome", outcome));
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using var writer = new JsonTextWriter(text) { Formatting = Formatting.Indented, StringEscapeHandling = StringEscapeHandling.EscapeNonAscii, DateTimeZoneHandling = DateTimeZoneHandling.Utc };
        result.WriteTo(writer);
        output.WriteLine(text.ToString());
    }

    /// <summary>Durations as seconds.</summary>
    private sealed class Seconds : JsonConverter<TimeSpan>
    {
        public override void WriteJson(JsonWriter writer, TimeSpan value, JsonSerializer serializer) => writer.WriteValue(Math.Round(value.TotalSeconds, 3));

        public override TimeSpan ReadJson(JsonReader reader, Type objectType, TimeSpan existingValue, bool hasExistingValue, JsonSerializer serializer) => throw new NotSupportedException();
    }
}
