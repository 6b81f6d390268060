using System.Globalization;
using System.IO;
using HyperVBackup.Runs;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Cli.Output;

/// <summary>
/// The one JSON object of <c>--json</c>: camelCase, enumerations as words, times as ISO 8601 in UTC, durations in
/// seconds. It is pure ASCII, so that no
/// code page of a console can spoil it, and names that are no valid UTF-8 come through as <c>\udc80</c>.
/// </summary>
internal static class JsonOutput
{
    /// <summary>Any plain data of the library as JSON.</summary>
    public static JToken ToToken(object value) => RunJson.ToToken(value);

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
        using var writer = new JsonTextWriter(text)
        {
            Formatting = Formatting.Indented,
            StringEscapeHandling = StringEscapeHandling.EscapeNonAscii,
            DateTimeZoneHandling = DateTimeZoneHandling.Utc,
        };
        result.WriteTo(writer);
        output.WriteLine(text.ToString());
    }
}
