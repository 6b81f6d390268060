<#
.SYNOPSIS
Runs the Pester suites on the module folder as it is shipped, and ends with exit code 1 when a test fails. Start it in a shell of its own.
.PARAMETER ModuleFolder
The module folder: output/HyperVBackup/<version>. Without it, it is built first.
.PARAMETER Filter
Only files whose names match, e.g. Backup*.
#>
[CmdletBinding()]
param(
    [string] $ModuleFolder,
    [string] $Filter = '*'
)

$ErrorActionPreference = 'Stop'
if (-not $ModuleFolder) {
    $root = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..'))
    dotnet build ([System.IO.Path]::Combine($root, 'src', 'HyperVBackup.Cmdlets')) -c Release --nologo -v quiet
    if ($LASTEXITCODE -ne 0) { exit 1 }
    & (Join-Path $root 'build.ps1') -Task Pester -Filter $Filter
    return
}

$pester = Get-Module -ListAvailable -Name Pester | Where-Object Version -ge '5.3' | Sort-Object Version -Descending | Select-Object -First 1
if (-not $pester) { throw 'These tests need Pester 5.3 or later: Install-Module Pester -Scope CurrentUser' }
Import-Module $pester.Path

# What the suites test, and nothing of the machine's own state.
$env:HVBACKUP_TEST_MODULE = [System.IO.Path]::Combine((Resolve-Path -LiteralPath $ModuleFolder).ProviderPath, 'HyperVBackup.psd1')
$ProgressPreference = 'SilentlyContinue'
$files = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter "$Filter.Tests.ps1").FullName
if (-not $files) { throw "No file of tests matches '$Filter' (* and ? are wildcards)." }
$configuration = New-PesterConfiguration
$configuration.Run.Path = $files
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration
Write-Host "$($result.PassedCount) passed, $($result.FailedCount) failed, $($result.SkippedCount) skipped in $($PSVersionTable.PSEdition) $($PSVersionTable.PSVersion)."
if ($result.Result -ne 'Passed') { exit 1 }
exit 0
