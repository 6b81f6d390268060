using System.Linq;
using System.Management.Automation;
using HyperVBackup.Cmdlets.Arguments;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Runs;
using HyperVBackup.Shadows;

namespace HyperVBackup.Cmdlets;

/// <summary>Makes shadow copies visible, each at a folder or drive letter.</summary>
[Cmdlet(
    "Expose",
    "HvShadow",
    DefaultParameterSetName = "Id",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low
)]
[Alias("Mount-HvShadow")]
[OutputType(typeof(Shadow))]
public sealed class ExposeHvShadowCommand : ShadowIdCommand
{
    /// <summary>
    /// The folder that gets a folder for each shadow copy, named after its volume. Made if it is not there.
    /// </summary>
    [Parameter(Position = 1)]
    [PathArgument]
    [ValidateNotNullOrEmpty]
    public string? MountRoot { get; set; }

    /// <summary>
    /// Exactly where: an empty folder, or one that is not there yet, or a free drive letter. For one shadow copy.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? At { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (MountRoot == null == (At == null))
            ThrowTerminatingError(
                Errors.Record(
                    new Failure(
                        FailureKind.BadPlan,
                        "Expose-HvShadow",
                        "know where to",
                        "it needs either -MountRoot, for a folder that gets one mount point per volume, or -At, for "
                            + "one shadow copy at an exact place"
                    )
                )
            );
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        OrEnd(() =>
        {
            foreach (var id in Id)
            {
                var shadows = Find(id);
                if (At != null && shadows.Count > 1)
                    throw new BackupException(
                        FailureKind.BadPlan,
                        At,
                        "expose the shadow set",
                        "it holds "
                            + shadows.Count
                            + " shadow copies, of "
                            + Sentence.List(shadows.Select(shadow => shadow.Volume))
                            + "; name one by its id, or use -MountRoot"
                    );
                foreach (var shadow in shadows)
                    Expose(shadow);
            }
        });

    private void Expose(Shadow shadow)
    {
        // It is where it can be seen already, which is what was asked for.
        if (At == null && shadow.ExposedAt != null)
        {
            WriteVerbose("The shadow copy of " + shadow.Volume + " is exposed at " + shadow.ExposedAt + " already.");
            WriteObject(shadow);
            return;
        }

        // A drive letter is no path yet: PowerShell would look for its drive.
        var place =
            At == null ? null
            : IsDrive(At) ? At
            : Literal(At, FailureKind.ExposeFailed);
        place ??= Work(
            "Looking for a mount point",
            (context, _) => new ShadowStore(context).PlaceIn(Literal(MountRoot!, FailureKind.ExposeFailed), shadow)
        );
        if (Ask("Expose " + ShadowArguments.Describe(shadow) + " at " + place))
            WriteObject(Work("Exposing a shadow copy", (context, _) => new ShadowStore(context).Expose(shadow, place)));
    }

    private static bool IsDrive(string place) =>
        place.TrimEnd('\\').Length == 2 && place[1] == ':' && char.IsLetter(place[0]) && Files.PathOf.IsWindows;
}
