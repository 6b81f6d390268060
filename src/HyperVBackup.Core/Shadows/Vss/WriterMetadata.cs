using System;
using System.Collections.Generic;
using HyperVBackup.Failures;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>What a writer says it has.</summary>
/// <param name="WriterId">The writer's class id.</param>
/// <param name="InstanceId">This run of the writer.</param>
/// <param name="Name">Its name.</param>
/// <param name="Components">Its components.</param>
/// <param name="Xml">Its metadata document: restoring needs it.</param>
internal sealed record WriterMetadata(
    Guid WriterId,
    Guid InstanceId,
    string Name,
    IReadOnlyList<WriterComponent> Components,
    string Xml
);

/// <summary>One component of a writer.</summary>
internal sealed record WriterComponent(
    ComponentType Type,
    string? LogicalPath,
    string Name,
    string? Caption,
    bool Selectable,
    IReadOnlyList<WriterFile> Files
);

/// <summary>
/// Files of a component: those in <paramref name="Path"/> that match <paramref name="Specification"/>.
/// </summary>
/// <param name="Path">The folder; may hold environment variables.</param>
/// <param name="Specification">A name, or a pattern with '*' and '?'.</param>
/// <param name="IsRecursive">Whether folders below count.</param>
/// <param name="AlternateLocation">Where the files really are when the backup is made; null as a rule.</param>
internal sealed record WriterFile(
    string Path,
    string Specification,
    bool IsRecursive,
    string? AlternateLocation = null
);

/// <summary>What a writer noted on a component while the backup was made (IVssComponentEx, IVssComponentEx2).</summary>
/// <param name="Component">The component.</param>
/// <param name="Failure">The HRESULT of GetFailure; 0 when it did not fail.</param>
/// <param name="ApplicationCode">The writer's own code.</param>
/// <param name="Message">The writer's own words, of GetFailure or of its messages on PrepareForBackup and
/// PostSnapshot.</param>
internal sealed record ComponentOutcome(ComponentKey Component, int Failure, int ApplicationCode, string? Message);
