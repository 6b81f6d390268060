using System;
using HyperVBackup.Plans;

namespace HyperVBackup.Scheduling;

/// <summary>
/// Who a task runs as. It needs the rights of an administrator whoever it is: shadow copies and the files of virtual
/// machines do.
/// </summary>
/// <param name="UserId">The account as Task Scheduler takes it: a SID or a name.</param>
/// <param name="Name">The account as people call it.</param>
/// <param name="HasPassword">Whether it logs on by a password: its own, or the one that Windows manages for it.</param>
public sealed record TaskAccount(string UserId, string Name, bool HasPassword)
{
    /// <summary>The computer itself. By its SID, because its name is translated.</summary>
    public static TaskAccount System { get; } = new("S-1-5-18", "SYSTEM", false);

    /// <summary>A user, whose password Task Scheduler keeps.</summary>
    public static TaskAccount User(string name) => new(name, name, true);

    /// <summary>
    /// A group managed service account, <c>DOMAIN\name$</c>: nobody knows its password, and none is given.
    /// </summary>
    /// <param name="name">Its name; the <c>$</c> at its end may be left out.</param>
    /// <exception cref="PlanException">It has no domain.</exception>
    public static TaskAccount ManagedServiceAccount(string name)
    {
        var parts = name.Split('\\');
        if (parts.Length != 2 || parts[0].Trim().Length == 0 || parts[1].Trim('$', ' ').Length == 0)
            throw new PlanException(
                "The task",
                new[]
                {
                    new PlanProblem(
                        "ManagedServiceAccount",
                        "'" + name + "' is no managed service account; write it with its domain, as CONTOSO\\hvbackup$"
                    ),
                }
            );
        var full = name.EndsWith("$", StringComparison.Ordinal) ? name : name + "$";
        return new TaskAccount(full, full, true);
    }
}
