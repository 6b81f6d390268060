<#
.SYNOPSIS
Runs the Pester suites on the module folder as it is shipped, and ends with exit code 1 when a test fails. Start it in a shell of its own.
.PARAMETER ModuleFolder
The module folder: output/HyperVBackup/<version>. Without it, it is built first.
.PARAMETER Filter
Only files whose names match, e.g. Backup*.
.PARAMETER Pester
Pester's manifest. Without it, the newest one that is installed.
.PARAMETER Result
A file that is written for other programs: what became of every test, in NUnit's form.
#>
[CmdletBinding()]
param(
    [string] $ModuleFolder,
    [string] $Filter = '*',
    [string] $Pester,
    [string] $Result
)

$ErrorActionPreference = 'Stop'
if (-not $ModuleFolder) {
    $root = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..'))
    dotnet build ([System.IO.Path]::Combine($root, 'src', 'HyperVBackup.Cmdlets')) -c Release --nologo -v quiet
    if ($LASTEXITCODE -ne 0) { exit 1 }
    & (Join-Path $root 'build.ps1') -Task Pester -Filter $Filter
    return
}

if (-not $Pester) {
    $Pester = Get-Module -ListAvailable -Name Pester | Where-Object Version -ge '5.3' |
        Sort-Object Version -Descending | Select-Object -First 1 -ExpandProperty Path
}
if (-not $Pester) {
    # What the build has brought for HyperVBackup.Module.Tests.
    $packages = if ($env:NUGET_PACKAGES) { $env:NUGET_PACKAGES } else { [System.IO.Path]::Combine($HOME, '.nuget', 'packages') }
    $Pester = Get-Item -Path ([System.IO.Path]::Combine($packages, 'pester', '5.*', 'tools', 'Pester.psd1')) -ErrorAction Ignore |
        Select-Object -Last 1 -ExpandProperty FullName
}
if (-not $Pester) { throw 'These tests need Pester 5.3 or later: Install-Module Pester -Scope CurrentUser' }
Import-Module $Pester

# What the suites test, and nothing of the machine's own state.
$env:HVBACKUP_TEST_MODULE = [System.IO.Path]::Combine((Resolve-Path -LiteralPath $ModuleFolder).ProviderPath, 'HyperVBackup.psd1')
$ProgressPreference = 'SilentlyContinue'
$files = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter "$Filter.Tests.ps1").FullName
if (-not $files) { throw "No file of tests matches '$Filter' (* and ? are wildcards)." }
$configuration = New-PesterConfiguration
$configuration.Run.Path = $files
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($Result) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = 'NUnitXml'
    $configuration.TestResult.OutputPath = $Result
}
$run = Invoke-Pester -Configuration $configuration
Write-Host "$($run.PassedCount) passed, $($run.FailedCount) failed, $($run.SkippedCount) skipped in $($PSVersionTable.PSEdition) $($PSVersionTable.PSVersion)."
if ($run.Result -ne 'Passed') { exit 1 }
exit 0
