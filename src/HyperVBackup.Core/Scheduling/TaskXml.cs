using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml;

namespace HyperVBackup.Scheduling;

/// <summary>
/// Task definitions as Task Scheduler reads them: "Task Scheduler Schema", version 1.2, which every Windows that is
/// supported has. Triggers are sequences and
/// their order counts; everything else may stand in any order, and stands in that of Windows' own exports.
/// </summary>
public static class TaskXml
{
    /// <summary>What a task of ours calls its source.</summary>
    public const string Source = "HyperVBackup";

    /// <summary>The namespace of the schema.</summary>
    public const string Namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    // 4 to 6 are a normal process. 7, Task Scheduler's own choice, has low priority for the disks as well, and a backup
    // would wait for everybody.
    private const int Priority = 5;

    /// <summary>Writes a definition. Without an encoding in its first line, so that it may be saved in any.</summary>
    public static string Write(TaskDefinition task)
    {
        var text = new StringBuilder();
        using var lines = new StringWriter(text, CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (
            var xml = XmlWriter.Create(
                lines,
                new XmlWriterSettings
                {
                    Indent = true,
                    NewLineChars = "\n",
                    OmitXmlDeclaration = true,
                }
            )
        )
        {
            xml.WriteStartElement("Task", Namespace);
            xml.WriteAttributeString("version", "1.2");
            Group(
                xml,
                "RegistrationInfo",
                () =>
                {
                    xml.WriteElementString("Source", Namespace, Source);
                    xml.WriteElementString("Date", Namespace, Time(task.Registered));
                    xml.WriteElementString("Author", Namespace, Clean(task.Author));
                    xml.WriteElementString(
                        "Version",
                        Namespace,
                        typeof(TaskXml).Assembly.GetName().Version?.ToString(3) ?? ""
                    );
                    xml.WriteElementString(
                        "Description",
                        Namespace,
                        Clean(
                            "Backs up by the plan "
                                + task.Plan
                                + ". Made by Register-HvBackupTask. Last result: 0 complete, 1 failed, 2 bad plan, "
                                + "3 complete with warnings, 4 another run was under way."
                        )
                    );
                }
            );
            Group(xml, "Triggers", () => WriteTriggers(xml, task.Schedule));
            Group(xml, "Principals", () => WritePrincipal(xml, task.Account));
            Group(xml, "Settings", () => WriteSettings(xml, task));
            xml.WriteStartElement("Actions", Namespace);
            xml.WriteAttributeString("Context", "Author");
            Group(
                xml,
                "Exec",
                () =>
                {
                    xml.WriteElementString("Command", Namespace, task.Shell);
                    xml.WriteElementString("Arguments", Namespace, task.Arguments);
                }
            );
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return "<?xml version=\"1.0\"?>\n" + text;
    }

    private static void WriteTriggers(XmlWriter xml, TaskSchedule schedule)
    {
        foreach (var start in schedule.Starts)
            Group(
                xml,
                "CalendarTrigger",
                () =>
                {
                    xml.WriteElementString("StartBoundary", Namespace, Time(start));
                    if (schedule.Days.Count == 0)
                        Group(xml, "ScheduleByDay", () => xml.WriteElementString("DaysInterval", Namespace, "1"));
                    else
                        Group(
                            xml,
                            "ScheduleByWeek",
                            () =>
                            {
                                xml.WriteElementString("WeeksInterval", Namespace, "1");
                                Group(
                                    xml,
                                    "DaysOfWeek",
                                    () =>
                                    {
                                        foreach (var day in schedule.Days)
                                            Group(xml, day.ToString(), () => { });
                                    }
                                );
                            }
                        );
                }
            );
    }

    private static void WritePrincipal(XmlWriter xml, TaskAccount account)
    {
        xml.WriteStartElement("Principal", Namespace);
        xml.WriteAttributeString("id", "Author");
        xml.WriteElementString("UserId", Namespace, Clean(account.UserId));
        if (account.HasPassword)
            xml.WriteElementString("LogonType", Namespace, "Password");
        xml.WriteElementString("RunLevel", Namespace, "HighestAvailable");
        xml.WriteEndElement();
    }

    private static void WriteSettings(XmlWriter xml, TaskDefinition task)
    {
        foreach (
            var (name, value) in new[]
            {
                ("MultipleInstancesPolicy", "IgnoreNew"),
                ("DisallowStartIfOnBatteries", "false"),
                ("StopIfGoingOnBatteries", "false"),
                ("AllowHardTerminate", "true"),
                ("StartWhenAvailable", "true"),
                ("RunOnlyIfNetworkAvailable", "false"),
                ("AllowStartOnDemand", "true"),
                ("Enabled", "true"),
                ("Hidden", "false"),
                ("RunOnlyIfIdle", "false"),
                ("WakeToRun", "false"),
                ("ExecutionTimeLimit", XmlConvert.ToString(task.TimeLimit)),
                ("Priority", Priority.ToString(CultureInfo.InvariantCulture)),
            }
        )
            xml.WriteElementString(name, Namespace, value);
    }

    private static void Group(XmlWriter xml, string name, Action write)
    {
        xml.WriteStartElement(name, Namespace);
        write();
        xml.WriteEndElement();
    }

    // No 'Z' and no offset: the local time of the host.
    private static string Time(DateTime local) => local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Clean(string text) =>
        string.Concat(
            text.Select(
                (c, at) => char.IsControl(c) || (char.IsSurrogate(c) && !IsPaired(text, at)) || c >= '\ufffe' ? '?' : c
            )
        );

    private static bool IsPaired(string text, int at) =>
        char.IsHighSurrogate(text[at])
            ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
            : at > 0 && char.IsHighSurrogate(text[at - 1]);
}
