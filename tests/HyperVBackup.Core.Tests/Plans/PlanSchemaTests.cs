using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using HyperVBackup.Plans;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;
using HyperVBackup.Tests;
using Newtonsoft.Json.Linq;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>
/// What editors are told of plans (module/plan.schema.json) is what is read: names, defaults, choices and bounds.
/// </summary>
public sealed class PlanSchemaTests : IDisposable
{
    private static readonly JObject Schema = JObject.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "plan.schema.json"))
    );
    private static readonly MiniSchema Checker = new(Schema);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_object_of_the_schema_has_the_properties_that_are_read_there_and_no_others()
    {
        foreach (var place in Objects())
        {
            var problem = Assert.Single(
                Assert.Throws<PlanException>(() => Parse(place.Plan(place.Least("zzzzzzzzzzzzzzzzzzzz", 1)))).Problems,
                problem => problem.Property.EndsWith("zzzzzzzzzzzzzzzzzzzz", StringComparison.Ordinal)
            );
            var known = Regex.Match(problem.Message, "known here are (.*)$").Groups[1].Value.Split(", ");
            Assert.Equal(
                known.Order(StringComparer.Ordinal),
                Names(place.Schema).Where(name => name != "$schema").Order(StringComparer.Ordinal)
            );
            Assert.False(
                (bool?)place.Schema["additionalProperties"] ?? true,
                place.Path + " takes anything in the schema"
            );
        }
    }

    [Fact]
    public void The_schema_has_no_object_that_is_not_read_and_the_reader_none_that_the_schema_lacks() =>
        Assert.Equal(
            PlanJson.PropertyNames.Order(StringComparer.Ordinal),
            Objects()
                .DistinctBy(place => place.Schema)
                .SelectMany(place => Names(place.Schema))
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Every_default_of_the_schema_is_what_leaving_the_property_out_means()
    {
        var defaults = 0;
        foreach (var (place, name, schema) in Properties())
        {
            if (schema["default"] is not { } value)
                continue;
            var plain = Words(Parse(place.Plan(place.Least())));
            Assert.True(
                plain == Words(Parse(place.Plan(place.Least(name, value)))),
                place.Path + "." + name + " is something else than " + value + " when it is left out"
            );
            defaults++;
        }

        Assert.True(defaults >= 10);
    }

    [Fact]
    public void Every_choice_and_every_bound_of_the_schema_is_the_readers()
    {
        var bounds = 0;
        foreach (var (place, name, schema) in Properties())
        {
            foreach (var choice in schema["enum"] ?? new JArray())
                Assert.True(IsRead(place, name, choice), place.Path + "." + name + " cannot be " + choice);
            if (schema["enum"] != null)
                Assert.False(IsRead(place, name, "zzz"), place.Path + "." + name + " can be anything");
            foreach (var (bound, beyond) in new[] { ("minimum", -1), ("maximum", 1) })
            {
                if ((long?)schema[bound] is not { } limit)
                    continue;
                Assert.True(
                    IsRead(place, name, limit) && !IsRead(place, name, limit + beyond),
                    place.Path + "." + name + " has another " + bound + " than " + limit
                );
                bounds++;
            }
        }

        Assert.True(bounds >= 8);
    }

    [Fact]
    public void Every_property_has_a_description() =>
        Assert.All(
            Properties(),
            property =>
                Assert.False(
                    string.IsNullOrEmpty((string?)property.Schema["description"]),
                    property.Place.Path + "." + property.Name
                )
        );

    [Fact]
    public void The_help_tells_of_every_property()
    {
        var topic = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "about_HyperVBackup_Plans.help.txt"));
        Assert.All(PlanJson.PropertyNames, name => Assert.Matches("(?<!\\w)" + Regex.Escape(name) + "(?!\\w)", topic));
    }

    [Theory]
    [InlineData("README.md", "(?s)```json\\s*\\n(\\{.*?\"jobs\".*?\\n\\})\\s*\\n```")]
    [InlineData("about_HyperVBackup_Plans.help.txt", "(?s)^        (\\{.*?\\n        \\})\\s*$")]
    public void The_plans_that_the_texts_show_are_right(string text, string pattern)
    {
        var plans = Regex
            .Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, text)), pattern, RegexOptions.Multiline)
            .Where(match => match.Groups[1].Value.Contains("\"jobs\"", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(plans);
        foreach (var plan in plans.Select(match => match.Groups[1].Value))
        {
            PlanJson.Parse(plan, text, _folder);
            Assert.Empty(Checker.Problems(JToken.Parse(plan)));
        }
    }

    [Fact]
    public void What_is_written_is_right_and_what_the_reader_refuses_is_wrong()
    {
        var plan = AdHocPlan.Build([_folder["VMs"]], [_folder["E"]], ["*.vhdx"]) with
        {
            Name = "nightly",
            KeepLogs = 3,
            OnSuccess = new PlanCommand { Command = _folder["tool"], Arguments = ["a"] },
        };
        Assert.Empty(Checker.Problems(JToken.Parse(PlanText.Of(plan, "plan.schema.json"))));
        foreach (
            var wrong in new[]
            {
                "{ \"jbos\": [] }",
                "{ \"jobs\": [ { \"source\": \"a\" } ] }",
                "{ \"sets\": [ \"one\" ] }",
                "{ \"keepLogs\": 0 }",
                "{ \"verify\": \"yes\" }",
                "{ \"onFailure\": {} }",
                "[]",
            }
        )
            Assert.NotEmpty(Checker.Problems(JToken.Parse(wrong)));
    }

    [Theory]
    [InlineData("\"name\": null", "name")]
    [InlineData("\"jobs\": null", "jobs")]
    [InlineData("\"shadow\": null", "shadow")]
    [InlineData("\"verify\": null", "verify")]
    [InlineData("\"sets\": null", "sets")]
    [InlineData("\"keepLogs\": null", "keepLogs")]
    [InlineData("\"separateSets\": null", "separateSets")]
    [InlineData("\"separateSets\": \"Always\"", "separateSets")]
    [InlineData("\"shadow\": { \"provider\": \"AUTO\" }", "shadow.provider")]
    [InlineData("\"$schema\": 5", "$schema")]
    [InlineData("\"keepLogs\": 2.5", "keepLogs")]
    [InlineData("\"verify\": \"true\"", "verify")]
    public void What_the_schema_refuses_the_reader_refuses_too(string property, string named)
    {
        var json = "{ " + property + " }";
        Assert.NotEmpty(Checker.Problems(JToken.Parse(json)));
        Assert.Contains(
            Assert.Throws<PlanException>(() => PlanJson.Parse(json, "a plan")).Problems,
            problem => problem.Property == named
        );
    }

    [Theory]
    [InlineData("\"keepLogs\": 3.0")]
    [InlineData("\"keepLogs\": 3e1")]
    [InlineData("\"sets\": 4.0")]
    public void A_whole_number_is_one_however_it_is_written(string property) =>
        Assert.NotNull(PlanJson.Parse("{ " + property + " }", "a plan"));

    [Fact]
    public void What_powershell_made_may_have_any_case() =>
        Assert.Equal(
            "vss",
            PlanJson.Parse("{ \"shadow\": { \"provider\": \"VSS\" } }", "a plan", null, false).Shadow.Provider
        );

    // Every object of a plan: where it stands, its schema, and the plan around it.
    private IEnumerable<Place> Objects()
    {
        yield return new Place("plan", Schema, json => json, this);
        foreach (var property in ((JObject)Schema["properties"]!).Properties())
        {
            foreach (var schema in Alternatives(property.Value))
            {
                if (schema["properties"] != null)
                    yield return new Place(property.Name, schema, json => new JObject { [property.Name] = json }, this);
                if (schema["items"] is { } items && Checker.Follow(items) is var item && item["properties"] != null)
                    yield return new Place(
                        property.Name + "[0]",
                        item,
                        json => new JObject { [property.Name] = new JArray(json) },
                        this
                    );
            }
        }
    }

    private IEnumerable<(Place Place, string Name, JObject Schema)> Properties() =>
        Objects()
            .DistinctBy(place => place.Schema)
            .SelectMany(place =>
                ((JObject)place.Schema["properties"]!)
                    .Properties()
                    .Select(property => (place, property.Name, Merged((JObject)property.Value)))
            );

    // A reference with a description or default beside it has both.
    private static JObject Merged(JObject schema)
    {
        var merged = (JObject)Checker.Follow(schema).DeepClone();
        merged.Merge(schema, new JsonMergeSettings { MergeArrayHandling = MergeArrayHandling.Replace });
        return merged;
    }

    private static IEnumerable<JObject> Alternatives(JToken schema)
    {
        var followed = Checker.Follow(schema);
        var several = followed["oneOf"] ?? followed["anyOf"];
        return several == null ? [followed] : several.Select(Checker.Follow);
    }

    private static IEnumerable<string> Names(JObject schema) =>
        ((JObject)schema["properties"]!).Properties().Select(property => property.Name);

    private bool IsRead(Place place, string name, JToken value)
    {
        try
        {
            Parse(place.Plan(place.Least(name, value)));
            return true;
        }
        catch (PlanException)
        {
            return false;
        }
    }

    private BackupPlan Parse(JObject plan) => PlanJson.Parse(plan.ToString(), "a plan", _folder);

    private static string Words(BackupPlan plan) => RunJson.ToToken(plan).ToString();

    private sealed record Place(string Path, JObject Schema, Func<JObject, JObject> Plan, PlanSchemaTests Test)
    {
        /// <summary>The object with what it must have, and one property more.</summary>
        public JObject Least(string? name = null, JToken? value = null)
        {
            var json = new JObject();
            foreach (var required in Schema["required"] ?? new JArray())
                json[(string)required!] = Test._folder["x"];
            if (name != null)
                json[name] = value;
            return json;
        }
    }
}
