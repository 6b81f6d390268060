using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using HyperVBackup.Files;
using HyperVBackup.Shadows;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HyperVBackup.Plans;

/// <summary>
/// Plans written as the JSON that <see cref="PlanJson"/> reads, to be gone on with by people: what everybody sets
/// stands first, what is as usual is left out, short lists stay on one line.
/// </summary>
public static class PlanText
{
    private static readonly BackupPlan Standard = new();

    /// <summary>The plan's text. Reading it gives the same plan, without <see cref="BackupPlan.File"/>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="schema">Where editors find the schema of plans; null: it is not named.</param>
    public static string Of(BackupPlan plan, string? schema = null)
    {
        var json = new JObject();
        if (schema != null)
            json["$schema"] = schema;
        json["name"] = plan.Name;
        if (plan.Keep == null)
            json["sets"] = Texts(plan.Sets);
        else
            json["keep"] = OfRule(plan.Keep);
        if (plan.Jobs.Count > 0)
            json["jobs"] = new JArray(plan.Jobs.Select(OfJob));
        AddTexts(json, "virtualMachines", plan.VirtualMachines);
        AddTexts(json, "virtualMachineTargets", plan.VirtualMachineTargets);
        if (plan.OnlineOnly)
            json["onlineOnly"] = true;
        if (plan.SeparateSets != Standard.SeparateSets)
            json["separateSets"] = Word(plan.SeparateSets);
        if (plan.Shadow != Standard.Shadow)
            json["shadow"] = OfShadow(plan.Shadow);
        json["verify"] = plan.Verify;
        if (plan.MaxBytesPerSecond != Standard.MaxBytesPerSecond)
            json["maxBytesPerSecond"] = plan.MaxBytesPerSecond;
        if (plan.TakeOver)
            json["takeOver"] = true;
        if (!plan.PrivateSets)
            json["privateSets"] = false;
        if (!plan.ShareBlocks)
            json["shareBlocks"] = false;
        if (plan.MaxDeletePercent != Standard.MaxDeletePercent)
            json["maxDeletePercent"] = plan.MaxDeletePercent;
        if (!plan.EventLog)
            json["eventLog"] = false;
        if (plan.KeepLogs != Standard.KeepLogs)
            json["keepLogs"] = plan.KeepLogs;
        if (plan.OnSuccess != null)
            json["onSuccess"] = OfCommand(plan.OnSuccess);
        if (plan.OnFailure != null)
            json["onFailure"] = OfCommand(plan.OnFailure);
        return Layout(json);
    }

    private static JObject OfRule(KeepRule rule)
    {
        var json = new JObject();
        foreach (
            var (kind, count) in new[]
            {
                ("last", rule.Last),
                ("daily", rule.Daily),
                ("weekly", rule.Weekly),
                ("monthly", rule.Monthly),
                ("yearly", rule.Yearly),
            }
        )
            if (count > 0)
                json[kind] = count;
        return json;
    }

    private static JObject OfJob(BackupJob job)
    {
        var json = new JObject { ["source"] = job.Source };
        if (job.Folder != null)
            json["folder"] = job.Folder;
        AddTexts(json, "include", job.Include);
        AddTexts(json, "exclude", job.Exclude);
        json["targets"] = Texts(job.Targets);
        return json;
    }

    private static JObject OfShadow(ShadowOptions shadow) =>
        new()
        {
            ["provider"] = shadow.Provider,
            ["timeoutMinutes"] = (long)Math.Ceiling(shadow.Timeout.TotalMinutes),
            ["retries"] = shadow.Retries,
            ["retryDelaySeconds"] = (long)Math.Ceiling(shadow.RetryDelay.TotalSeconds),
        };

    private static JObject OfCommand(PlanCommand command)
    {
        var json = new JObject { ["command"] = command.Command };
        AddTexts(json, "arguments", command.Arguments);
        if (command.Timeout != PlanCommand.StandardTimeout)
            json["timeoutSeconds"] = (long)Math.Ceiling(command.Timeout.TotalSeconds);
        return json;
    }

    private static void AddTexts(JObject json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count > 0)
            json[name] = Texts(texts);
    }

    private static JRaw Texts(IEnumerable<string> texts) =>
        new("[" + string.Join(", ", texts.Select(text => JsonConvert.ToString(text))) + "]");

    private static string Word<T>(T choice)
        where T : struct, Enum
    {
        var name = choice.ToString();
        return char.ToLowerInvariant(name[0]) + name.Substring(1);
    }

    private static string Layout(JObject json)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = PathOf.IsWindows ? "\r\n" : "\n" };
        using var writer = new JsonTextWriter(text) { Formatting = Formatting.Indented };
        json.WriteTo(writer);
        text.WriteLine();
        return text.ToString();
    }
}
