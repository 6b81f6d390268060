using System;

namespace HyperVBackup.Machines;

/// <summary>A component as the calls that select it or report on it name it.</summary>
internal sealed record ComponentKey(
    Guid InstanceId,
    Guid WriterId,
    ComponentType Type,
    string? LogicalPath,
    string Name
);

/// <summary>The kind of a component (vswriter.h, VSS_COMPONENT_TYPE).</summary>
internal enum ComponentType
{
    /// <summary>Not told.</summary>
    Undefined = 0,

    /// <summary>A database.</summary>
    Database = 1,

    /// <summary>A group of files.</summary>
    FileGroup = 2,
}
