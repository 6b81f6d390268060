using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using HyperVBackup.Text;

namespace HyperVBackup.Cmdlets.Completers;

/// <summary>Completes volumes by the drives that are ready, and then folders, as a path would be without us.</summary>
public sealed class VolumeCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var word = Completion.Unquote(wordToComplete);
        var drives = Drives()
            .Where(drive => drive.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(drive => new CompletionResult(
                Completion.Quote(drive.Name),
                drive.Name,
                CompletionResultType.ParameterValue,
                Describe(drive)
            ))
            .ToList();
        // Where nothing is typed yet, the disks are meant.
        if (word.Length == 0)
            return drives;
        return drives.Concat(
            CompletionCompleters
                .CompleteFilename(wordToComplete)
                .Where(found =>
                    found.ResultType == CompletionResultType.ProviderContainer
                    && drives.All(drive => drive.CompletionText != found.CompletionText)
                )
        );
    }

    private static string Describe(DriveInfo drive) =>
        drive.Name
        + " "
        + drive.DriveFormat
        + ", "
        + HumanText.Size(drive.TotalSize)
        + ", "
        + HumanText.Size(drive.AvailableFreeSpace)
        + " free";

    private static IEnumerable<DriveInfo> Drives()
    {
        foreach (var drive in DriveInfo.GetDrives())
        {
            var usable = false;
            try
            {
                usable = drive.IsReady && drive.DriveType == DriveType.Fixed && drive.TotalSize > 0;
            }
            catch (IOException)
            {
                // A drive that does not answer is not offered.
            }
            catch (UnauthorizedAccessException)
            {
                // Nor one that may not be asked.
            }

            if (usable)
                yield return drive;
        }
    }
}
