using System.Threading;

namespace HyperVBackup.Mirroring.Strategies;

/// <summary>
/// Whether a clone of the newest complete set's file was found not to hold what that set's manifest says. Then blocks
/// that were taken for unchanged may be wrong as well, and the whole file is compared once more.
/// </summary>
internal sealed class CloneDoubt
{
    private readonly TargetFile _file;
    private int _raised;

    public CloneDoubt(TargetFile file) => _file = file;

    public bool IsRaised => Volatile.Read(ref _raised) != 0;

    /// <summary>Raises it, and says so the first time. Called on any worker.</summary>
    public void Raise(string why)
    {
        if (Interlocked.Exchange(ref _raised, 1) == 0)
            _file.Slot.Lane.Peer!.Doubt(_file.Slot.Peer!, why);
    }

    /// <summary>As <see cref="ICopyStrategy.Again"/>.</summary>
    public ICopyStrategy? Again() =>
        IsRaised ? new DoubtedCloneOfNewest(_file, new CloneDoubt(_file), _file.Task.Source.Size) : null;
}
