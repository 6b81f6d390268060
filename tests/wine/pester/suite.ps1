# Runs one suite and writes down how it went, in suites\<name>.txt: the counts, then what failed and what was skipped.
param([string] $Name)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$folder = $PSScriptRoot
try {
    if (-not $IsWindows) { throw 'this is not PowerShell for Windows' }
    $env:HVBACKUP_TEST_MODULE = [System.IO.Path]::Combine($folder, 'module', 'HyperVBackup.psd1')
    Import-Module Pester
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = [System.IO.Path]::Combine($folder, 'pester', "$Name.Tests.ps1")
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'None'
    $result = Invoke-Pester -Configuration $configuration
    $said = @("${Name}: $($result.PassedCount) passed, $($result.FailedCount) failed, $($result.SkippedCount) skipped, " +
        "$($result.Result), $([int] $result.Duration.TotalSeconds) s")
    foreach ($one in @($result.Failed) + @($result.FailedBlocks) + @($result.FailedContainers)) {
        $said += "  failed: $($one.ExpandedPath)$(if (-not $one.ExpandedPath) { $one.Item })"
        foreach ($e in $one.ErrorRecord) {
            $said += '      ' + ("$($e.DisplayErrorMessage) at $($e.DisplayStackTrace)" -replace '\s+', ' ')
        }
    }
    foreach ($one in $result.Skipped | Sort-Object ExpandedPath -Unique) { $said += "  skipped: $($one.ExpandedPath)" }
}
catch { $said = @("${Name}: $($_.Exception)") }
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($folder, 'suites', "$Name.txt"), ($said -join "`n") + "`n")
