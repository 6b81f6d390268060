using System.Collections.Generic;
using System.Linq;
using HyperVBackup.Failures;

namespace HyperVBackup.Sets;

/// <summary>
/// What a verification finds, from several threads, sorted: what is damage, what could not be looked at, what is worth
/// knowing and neither.
/// </summary>
internal sealed class VerifyFindings
{
    private const int Named = 5;
    private readonly string _operation;
    private readonly PlaceWatch _place;
    private readonly DamageLog _unverified = new();
    private readonly List<string> _notes = new();
    private readonly Names _otherTimes = new();
    private readonly Names _litter = new();

    /// <summary>Nothing yet.</summary>
    /// <param name="place">Where the set lies.</param>
    /// <param name="operation">What is done with the set, as a verb phrase.</param>
    public VerifyFindings(PlaceWatch place, string operation)
    {
        _place = place;
        _operation = operation;
    }

    /// <summary>What is wrong with the set.</summary>
    public DamageLog Damages { get; } = new();

    /// <summary>Whether the volume of the set went away.</summary>
    public bool VolumeIsGone { get; private set; }

    /// <summary>What could not be looked at.</summary>
    public IReadOnlyList<Failure> Unverified => _unverified.ToList().Select(item => item.Failure).ToList();

    /// <summary>How much could not be looked at.</summary>
    public long UnverifiedCount => _unverified.Count;

    /// <summary>What is no damage.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            var notes = new List<string>(_notes);
            if (_litter.Count > 0)
                notes.Add(
                    _litter.Text("thing")
                        + " that a desktop or a file system left in the set, and no run put there; it harms nothing: "
                        + _litter.List()
                );
            if (_otherTimes.Count > 0)
            {
                notes.Add(
                    _otherTimes.Text("file")
                        + " with another time than when the set was committed, as copies by other programs have: "
                        + _otherTimes.List()
                        + ". A restore gives files the times that they had in the source, and so does the next run "
                        + "that "
                        + "writes this set."
                );
            }

            return notes;
        }
    }

    /// <summary>Adds what happened when a file of the set was looked at: by what it is, damage or not.</summary>
    /// <exception cref="BackupException">The volume is gone, so that looking at more files is of no use.</exception>
    public void Add(string file, Failure failure)
    {
        if (_place.WhyGone(failure, _operation) is { } gone)
            throw new BackupException(gone);
        if (Blame.IsOnTheSet(failure.Kind))
            Damages.Add(file, failure);
        else
            Doubt(file, failure);
    }

    /// <summary>Adds what could not be told, whatever kind of failure it is.</summary>
    public void Doubt(string file, Failure failure) => _unverified.Add(file, failure);

    /// <summary>Adds that the volume of the set is gone, which ends it.</summary>
    public void End(Failure gone)
    {
        VolumeIsGone = true;
        Doubt("", gone with { Cause = gone.Cause + "; what had not been looked at by then was not verified" });
    }

    /// <summary>Whether a file is among what was found.</summary>
    public bool Has(string file) => Damages.ToList().Concat(_unverified.ToList()).Any(found => found.File == file);

    /// <summary>Adds a sentence.</summary>
    public void Note(string text) => _notes.Add(text);

    /// <summary>Adds a file whose time is another, and whose content shows that it is right.</summary>
    public void NoteTime(string file) => _otherTimes.Add(file);

    /// <summary>Adds something that others left in the set.</summary>
    public void NoteLitter(string file) => _litter.Add(file);

    /// <summary>Counts names and keeps the first.</summary>
    private sealed class Names
    {
        private readonly List<string> _first = new();

        public long Count { get; private set; }

        public void Add(string name)
        {
            if (++Count <= Named)
                _first.Add(name);
        }

        public string Text(string one) => Count == 1 ? "One " + one : Count + " " + one + "s";

        public string List() => string.Join(", ", _first) + (Count > Named ? ", ..." : "");
    }
}
