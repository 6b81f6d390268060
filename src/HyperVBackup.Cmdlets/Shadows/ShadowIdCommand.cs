using System;
using System.Collections.Generic;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Cmdlets.Completers;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>
/// What the cmdlets share that take shadow copies by id. Sets and shadow copies from the pipeline are looked up by
/// their ids too, so that also those from another session, or a file, will do.
/// </summary>
public abstract class ShadowIdCommand : HvCmdlet
{
    /// <summary>Ids of shadow sets or of single shadow copies.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = "Id"
    )]
    [ArgumentCompleter(typeof(ShadowIdCompleter))]
    public Guid[] Id { get; set; } = Array.Empty<Guid>();

    /// <summary>The shadow copies of an id.</summary>
    private protected IReadOnlyList<Shadow> Find(Guid id) =>
        Work("Looking for shadow copies", (context, _) => ShadowArguments.Find(new ShadowStore(context), id));
}
