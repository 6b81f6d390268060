using System;
using System.Collections.Generic;
using HyperVBackup.Shadows.Vss.Requester;

namespace HyperVBackup.Shadows.Vss;

/// <summary>What restoring through the writers needs beside the files: to be kept with the backup set.</summary>
/// <param name="BackupComponents">The backup-components document, XML.</param>
/// <param name="Writers">The metadata of every writer.</param>
public sealed record VssDocuments(string BackupComponents, IReadOnlyList<WriterDocument> Writers);

/// <summary>A writer's metadata.</summary>
/// <param name="WriterId">Its class id.</param>
/// <param name="InstanceId">The run of the writer it is of.</param>
/// <param name="Name">The writer's name.</param>
/// <param name="Xml">The document.</param>
public sealed record WriterDocument(Guid WriterId, Guid InstanceId, string Name, string Xml);
