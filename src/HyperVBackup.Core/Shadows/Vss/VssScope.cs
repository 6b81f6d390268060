using System;
using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Machines;

namespace HyperVBackup.Shadows.Vss;

/// <summary>
/// What a request comes to on this host: the volumes to freeze, each once, and the virtual machines to capture on them.
/// </summary>
internal sealed class VssScope
{
    /// <summary>
    /// The most volumes that one shadow set holds (vsserror.h, VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED).
    /// </summary>
    public const int MostVolumes = 64;

    private readonly IVolumes _volumes;
    private readonly Dictionary<string, VolumeRoot> _roots = new(PathOf.Comparer);
    private readonly List<HyperVMachine> _machines = new();
    private readonly List<string> _warnings = new();

    private VssScope(IVolumes volumes) => _volumes = volumes;

    /// <summary>The roots by which the volumes are reached; one volume may be reached by several.</summary>
    public IReadOnlyList<VolumeRoot> Roots => _roots.Values.ToList();

    /// <summary>The volumes, each once: its GUID path is what it is known by, letters' case ignored.</summary>
    public IReadOnlyList<VolumeRoot> Volumes =>
        _roots
            .Values.GroupBy(root => root.Name, StringComparer.OrdinalIgnoreCase)
            .Select(same => same.First())
            .ToList();

    /// <summary>The virtual machines.</summary>
    public IReadOnlyList<HyperVMachine> Machines => _machines;

    /// <summary>What the administrator should know of them.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Works out the scope.</summary>
    /// <exception cref="MachinesRefusedException">Machines are not there, lie on no local volume, or may not be
    /// captured as they would be.</exception>
    /// <exception cref="BackupException">A path lies on no local volume, or there are too many volumes.</exception>
    public static VssScope Of(ShadowRequest request, IReadOnlyList<WriterMetadata> writers, VssServices services)
    {
        var scope = new VssScope(services.Volumes);
        foreach (var source in request.Sources)
            scope.Add(source.Path);
        var writer = HyperVWriter.Find(writers);
        if (request.VirtualMachines.Count > 0)
        {
            if (writer == null)
                throw HyperVWriter.Missing(services.Factory.Host);
            scope.AddNamed(request, HyperVWriter.Machines(writer, services.IsRunning));
        }
        else if (writer != null)
        {
            scope.AddImplied(request, HyperVWriter.Machines(writer, services.IsRunning));
        }

        var count = scope.Volumes.Count;
        if (count == 0)
            throw new BackupException(
                FailureKind.BadPlan,
                "shadow set",
                "create it",
                "neither folders nor virtual machines were asked for"
            );
        if (count > MostVolumes)
        {
            throw new VssCallException(
                nameof(IVssApi.AddToSnapshotSet),
                VssHResult.MaximumNumberOfVolumesReached,
                FormattableString.Invariant($"{count} are asked for")
            );
        }

        return scope;
    }

    /// <summary>The volumes that a machine needs and the set does not hold.</summary>
    public IReadOnlyList<string> MissingFor(HyperVMachine machine) =>
        machine.Volumes.Where(volume => !_roots.ContainsKey(volume)).ToList();

    /// <summary>The machines that were asked for, or implied, with files on a volume.</summary>
    public IReadOnlyList<HyperVMachine> MachinesOn(VolumeRoot volume) =>
        _machines.Where(machine => machine.Volumes.Any(root => IsSame(_roots[root], volume))).ToList();

    /// <summary>Whether a folder that was asked for lies on a volume.</summary>
    public bool HoldsSource(ShadowRequest request, VolumeRoot volume) =>
        request.Sources.Any(source => IsSame(_volumes.VolumeOf(source.Path), volume));

    private VolumeRoot Add(string path)
    {
        var root = _volumes.VolumeOf(path);
        _roots[root.Root] = root;
        return root;
    }

    private void AddNamed(ShadowRequest request, IReadOnlyList<HyperVMachine> offered)
    {
        var refused = new Dictionary<Guid, Failure>();
        foreach (var id in request.VirtualMachines.Distinct())
        {
            var machine = offered.FirstOrDefault(one => one.Id == id);
            if (
                (
                    machine == null ? NotOffered(id, offered)
                    : request.OnlineOnly && IsDoubtful(machine) ? NotOnline(machine)
                    : TryAdd(machine)
                ) is
                { } why
            )
                refused.Add(id, why);
        }

        if (refused.Count > 0)
            throw new MachinesRefusedException(refused);
    }

    // First all of its volumes, then it: the set gets none of a machine that it does not get.
    private Failure? TryAdd(HyperVMachine machine)
    {
        try
        {
            var roots = machine.Files.Select(file => _volumes.VolumeOf(file.Path)).ToList();
            foreach (var root in roots)
                _roots[root.Root] = root;
            _machines.Add(
                machine with
                {
                    Volumes = roots.Select(root => root.Root).Distinct(PathOf.Comparer).ToList(),
                }
            );
            Announce(machine);
            return null;
        }
        catch (BackupException e)
        {
            return e.Failure with { Target = machine + ", " + e.Failure.Target };
        }
    }

    // Folders alone were asked for. Whatever virtual machines lie in them, whole, are captured by their writer too:
    // copied merely frozen, they would be as after a power cut.
    private void AddImplied(ShadowRequest request, IReadOnlyList<HyperVMachine> offered)
    {
        var sources = request.Sources.Select(source => Locate(source.Path)).ToList();
        foreach (var machine in offered)
        {
            List<(VolumeRoot Volume, string Path)> places;
            try
            {
                places = machine.Files.Select(file => Locate(file.Path)).ToList();
            }
            catch (BackupException e)
            {
                _warnings.Add("Virtual machine " + machine.Name + " is not captured by its writer: " + e.Message);
                continue;
            }

            if (!places.Any(place => sources.Any(source => Covers(source, place))))
                continue;
            var outside = places
                .Where(place => !Volumes.Any(volume => IsSame(volume, place.Volume)))
                .Select(place => place.Volume.Root)
                .Distinct(PathOf.Comparer)
                .ToList();
            if (outside.Count > 0)
            {
                _warnings.Add(
                    "Virtual machine "
                        + machine.Name
                        + " is only partly in the folders of this backup (it also uses "
                        + string.Join(", ", outside)
                        + "), so its writer does not capture it; its files are as after a power cut."
                );
            }
            else if (request.OnlineOnly && IsDoubtful(machine))
            {
                _warnings.Add(
                    "Virtual machine "
                        + machine.Name
                        + " would be paused, so its writer does not capture it; its files are as after a power cut."
                );
            }
            else
            {
                _machines.Add(
                    machine with
                    {
                        Volumes = places.Select(place => place.Volume.Root).Distinct(PathOf.Comparer).ToList(),
                    }
                );
                foreach (var place in places)
                    _roots[place.Volume.Root] = place.Volume;
                Announce(machine);
            }
        }
    }

    private void Announce(HyperVMachine machine)
    {
        if (!machine.Files.Any(file => file.MayBeDisk))
            _warnings.Add(
                "Virtual machine "
                    + machine.Name
                    + ": its writer lists no virtual disk. Disks passed through from the host, and disks the guest "
                    + "attaches by itself (iSCSI, Fibre Channel), are not in this backup."
            );
        if (machine.Capture == MachineCapture.SavedState)
            _warnings.Add(
                "Virtual machine "
                    + machine.Name
                    + " cannot be captured while it runs: if it runs now, it is paused for a moment."
            );
        if (machine.Capture == MachineCapture.Unknown)
            _warnings.Add(
                "Virtual machine "
                    + machine.Name
                    + ": its writer does not say in known words whether it will be paused ('"
                    + machine.Caption
                    + "')."
            );
    }

    private (VolumeRoot Volume, string Path) Locate(string path)
    {
        var volume = _volumes.VolumeOf(path);
        PathOf.TryRelative(volume.Root, path, out var relative);
        return (volume, relative);
    }

    private static bool Covers((VolumeRoot Volume, string Path) source, (VolumeRoot Volume, string Path) place) =>
        IsSame(source.Volume, place.Volume)
        && (source.Path.Length == 0 || PathOf.TryRelative(source.Path, place.Path, out _));

    private static bool IsSame(VolumeRoot one, VolumeRoot other) =>
        string.Equals(one.Name, other.Name, StringComparison.OrdinalIgnoreCase);

    private static bool IsDoubtful(HyperVMachine machine) =>
        machine.Capture is MachineCapture.SavedState or MachineCapture.Unknown;

    private static Failure NotOffered(Guid id, IReadOnlyList<HyperVMachine> offered) =>
        new(
            FailureKind.VirtualMachine,
            id.ToString(),
            "capture the virtual machine",
            "the Hyper-V writer does not offer it"
                + (offered.Count == 0 ? "" : "; it offers " + string.Join(", ", offered))
        );

    private static Failure NotOnline(HyperVMachine machine) =>
        new(
            FailureKind.VirtualMachine,
            machine.ToString(),
            "capture it while it runs",
            machine.Capture == MachineCapture.Unknown
                ? "the Hyper-V writer does not say in known words whether it will be paused ('" + machine.Caption + "')"
                : "it would be paused for the capture"
        )
        {
            Advice =
                "Install or update the guest's integration services and enable 'Backup (volume checkpoint)', or "
                + "allow the pause (leave out -OnlineOnly).",
        };
}
