using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using HyperVBackup.Scheduling;

namespace HyperVBackup.Tests.Scheduling;

/// <summary>
/// What the pages "Task Scheduler Schema Complex Types" and "Simple Types" (Microsoft Learn) say of the elements that
/// our tasks are made of: which children, in
/// which order where it is a sequence, and which values.
/// </summary>
internal static class TaskSchema
{
    private static readonly string[] Days =
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];

    // xs:all: each at most once, in any order.
    private static readonly Dictionary<string, string[]> All = new()
    {
        ["Task"] = ["RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"],
        ["RegistrationInfo"] =
        [
            "URI",
            "SecurityDescriptor",
            "Source",
            "Date",
            "Author",
            "Version",
            "Description",
            "Documentation",
        ],
        ["Principal"] =
        [
            "UserId",
            "LogonType",
            "GroupId",
            "DisplayName",
            "RunLevel",
            "ProcessTokenSidType",
            "RequiredPrivileges",
        ],
        ["Settings"] =
        [
            "AllowStartOnDemand",
            "RestartOnFailure",
            "MultipleInstancesPolicy",
            "DisallowStartIfOnBatteries",
            "StopIfGoingOnBatteries",
            "AllowHardTerminate",
            "StartWhenAvailable",
            "NetworkProfileName",
            "RunOnlyIfNetworkAvailable",
            "WakeToRun",
            "Enabled",
            "Hidden",
            "DeleteExpiredTaskAfter",
            "IdleSettings",
            "NetworkSettings",
            "ExecutionTimeLimit",
            "Priority",
            "RunOnlyIfIdle",
        ],
        ["ScheduleByDay"] = ["DaysInterval"],
        ["ScheduleByWeek"] = ["WeeksInterval", "DaysOfWeek"],
        ["DaysOfWeek"] = Days,
        ["Exec"] = ["Command", "Arguments", "WorkingDirectory"],
    };

    // xs:sequence.
    private static readonly Dictionary<string, string[]> Sequences = new()
    {
        ["CalendarTrigger"] =
        [
            "Enabled",
            "StartBoundary",
            "EndBoundary",
            "Repetition",
            "ExecutionTimeLimit",
            "RandomDelay",
            "ScheduleByDay",
            "ScheduleByWeek",
        ],
    };

    // Any number of them.
    private static readonly Dictionary<string, string[]> Groups = new()
    {
        ["Triggers"] = ["CalendarTrigger"],
        ["Principals"] = ["Principal"],
        ["Actions"] = ["Exec"],
    };

    private static readonly Dictionary<string, Func<string, bool>> Values = new()
    {
        ["Date"] = IsLocalTime,
        ["StartBoundary"] = IsLocalTime,
        ["ExecutionTimeLimit"] = IsDuration,
        ["DaysInterval"] = value => IsNumber(value, 1, 365),
        ["WeeksInterval"] = value => IsNumber(value, 1, 52),
        ["Priority"] = value => IsNumber(value, 0, 10),
        ["LogonType"] = value => value is "S4U" or "Password" or "InteractiveToken",
        ["RunLevel"] = value => value is "LeastPrivilege" or "HighestAvailable",
        ["MultipleInstancesPolicy"] = value => value is "Parallel" or "Queue" or "IgnoreNew" or "StopExisting",
        ["UserId"] = value => value.Length > 0,
        ["Source"] = _ => true,
        ["Author"] = _ => true,
        ["Version"] = _ => true,
        ["Description"] = _ => true,
        // pathType: at most 260 characters.
        ["Command"] = value => value.Length is > 0 and <= 260,
        ["Arguments"] = _ => true,
    };

    /// <summary>Everything in a definition that the schema does not allow.</summary>
    public static IReadOnlyList<string> Problems(string xml)
    {
        var problems = new List<string>();
        var task = XDocument.Parse(xml).Root!;
        if (task.Name.LocalName != "Task" || (string?)task.Attribute("version") != "1.2")
            problems.Add("It is no task of version 1.2.");
        Check(task, problems);
        return problems;
    }

    private static void Check(XElement element, List<string> problems)
    {
        var name = element.Name.LocalName;
        if (element.Name.NamespaceName != TaskXml.Namespace)
            problems.Add(name + " is of another namespace.");
        var children = element.Elements().Select(child => child.Name.LocalName).ToList();
        if (All.TryGetValue(name, out var all))
        {
            problems.AddRange(children.Except(all).Select(child => child + " cannot stand in " + name + "."));
            if (children.Distinct().Count() != children.Count)
                problems.Add("Something stands twice in " + name + ".");
        }
        else if (Sequences.TryGetValue(name, out var sequence))
        {
            problems.AddRange(children.Except(sequence).Select(child => child + " cannot stand in " + name + "."));
            var places = children.Select(child => Array.IndexOf(sequence, child)).ToList();
            if (!places.SequenceEqual(places.Distinct().Order()))
                problems.Add("The order in " + name + " is wrong: " + string.Join(", ", children) + ".");
            if (children.Count(child => child.StartsWith("Schedule", StringComparison.Ordinal)) != 1)
                problems.Add(name + " needs one schedule.");
        }
        else if (Groups.TryGetValue(name, out var group))
        {
            problems.AddRange(children.Except(group).Select(child => child + " cannot stand in " + name + "."));
        }
        else if (Days.Contains(name))
        {
            if (!element.IsEmpty)
                problems.Add(name + " holds something.");
        }
        else if (
            children.Count > 0
            || !(
                Values.TryGetValue(name, out var isValid) ? isValid(element.Value) : element.Value is "true" or "false"
            )
        )
        {
            problems.Add(name + " cannot be '" + element.Value + "'.");
        }

        foreach (var child in element.Elements())
            Check(child, problems);
    }

    private static bool IsLocalTime(string value) =>
        DateTime.TryParseExact(
            value,
            "yyyy-MM-dd'T'HH:mm:ss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out _
        );

    private static bool IsNumber(string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most;

    private static bool IsDuration(string value)
    {
        try
        {
            return XmlConvert.ToTimeSpan(value) >= TimeSpan.Zero;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
