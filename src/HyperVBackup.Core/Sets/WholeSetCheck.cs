using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using HyperVBackup.Disks;
using HyperVBackup.Failures;
using HyperVBackup.Files;
using HyperVBackup.Layout;

namespace HyperVBackup.Sets;

/// <summary>What is checked of a set when its folders have been: virtual disks, strangers beside them, gaps.</summary>
internal sealed class WholeSetCheck
{
    private readonly IFileSystem _files;
    private readonly string _setFolder;
    private readonly SetState _state;
    private readonly VerifyFindings _findings;
    private readonly CancellationToken _cancel;

    public WholeSetCheck(
        IFileSystem files,
        string setFolder,
        SetState state,
        VerifyFindings findings,
        CancellationToken cancel
    )
    {
        _files = files;
        _setFolder = setFolder;
        _state = state;
        _findings = findings;
        _cancel = cancel;
    }

    /// <summary>
    /// Checks the structure of virtual disks. Only what became wrong since they were copied is damage of the set: what
    /// was wrong at the source already is in the copy because the copy is faithful.
    /// </summary>
    public void CheckDisks(IReadOnlyList<DiskToCheck> disks)
    {
        var parentsElsewhere = _state.Targets.Count > 1;
        foreach (var finding in DiskAudit.Check(_files, disks, _cancel))
        {
            if (finding.Condition == DiskCondition.NotChecked)
            {
                // Reading the content has said it already, if it could not be read then either.
                if (finding.Reason != null && !_findings.Has(finding.File))
                    _findings.Add(finding.File, finding.Reason);
                continue;
            }

            // Where the list was cut nobody knows any more which they were; their bytes have been compared.
            var known =
                _state.DisksLeftOut > 0
                || _state.Disks.Any(disk =>
                    disk.File == finding.File
                    && (disk.Condition == finding.Condition || disk.Condition == DiskCondition.NotChecked)
                );
            if (known)
                _findings.Note(finding.File + " was so when it was copied: " + finding.Problem);
            else if (finding.Condition == DiskCondition.ChainBroken && parentsElsewhere)
                _findings.Note(finding.File + " needs more than this target's part of the set: " + finding.Problem);
            else
                _findings.Damages.Add(
                    finding.File,
                    new Failure(
                        FailureKind.DiskDamaged,
                        PathOf.Join(_setFolder, finding.File),
                        "trust the virtual disk",
                        finding.Problem
                    ),
                    finding.Offset,
                    finding.Length
                );
        }
    }

    /// <summary>
    /// Finds what lies beside the folders of the set. No run removes it: a run knows its jobs' folders and touches
    /// nothing else.
    /// </summary>
    public void CheckTop()
    {
        var known = new HashSet<string>(
            _state.Jobs.Select(job => job.Folder).Concat(_state.Abandoned),
            StringComparer.OrdinalIgnoreCase
        )
        {
            SetLayout.StateFolder,
        };
        try
        {
            foreach (
                var name in _files.List(_setFolder).Select(entry => entry.Name).Where(name => !known.Contains(name))
            )
            {
                if (Litter.Is(name))
                    _findings.NoteLitter(name);
                else
                {
                    _findings.Damages.Add(
                        name,
                        new Failure(
                            FailureKind.FileExtra,
                            PathOf.Join(_setFolder, name),
                            "verify the set",
                            "no job of the set has it"
                        )
                        {
                            Advice =
                                "Find out who put it there, and move it away or delete it: no run does. Nothing in "
                                + "the set is damaged by it.",
                        }
                    );
                }
            }
        }
        catch (BackupException e)
        {
            _findings.Add("", e.Failure);
        }
    }

    /// <summary>Notes what a partial set lacks.</summary>
    public void NoteMissing()
    {
        foreach (var missing in _state.Missing)
            _findings.Note("The set is partial, and lacks " + missing.File + ": " + missing.Problem);
        var more = _state.Jobs.Sum(job => job.MissingCount) - _state.Missing.Count;
        if (more > 0)
            _findings.Note("The set is partial, and lacks " + more + " more.");
    }
}
