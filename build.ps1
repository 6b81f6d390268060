<#
.SYNOPSIS
Builds, tests and packages HyperVBackup. Works in Windows PowerShell 5.1 and PowerShell 7, on Windows and Linux.
.DESCRIPTION
Without -Task it builds and tests. Needs the .NET 10 SDK; Pester, where it is not installed, is brought by the build.
.PARAMETER Task
Build: the solution. Test: its unit tests, then the Pester tests on the module folder as it is shipped, in a fresh shell.
Pester: the second half of Test alone, on what is built. Module: the module folder alone, of what is built, not tested.
Package: output/HyperVBackup/<version>, tested, and a .nupkg beside it that can be published.
.PARAMETER Configuration
Release or Debug.
.PARAMETER AlphaVss
Puts AlphaVSS into the package as a second requester, to be chosen by the environment variable HVBACKUP_REQUESTER;
docs/providers.md says what is wrong with it.
Needs a package source that carries AlphaVSS. The module's own requester is in every package.
.PARAMETER Output
Where the module folder is put: HyperVBackup/<version> in this folder. Without it, output in the repository.
.PARAMETER Filter
Only these files of Pester tests, e.g. Backup*.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pester', 'Module', 'Package')]
    [string[]] $Task = @('Build', 'Test'),

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [switch] $AlphaVss,

    [string] $Filter = '*',

    [string] $Output
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0
$root = $PSScriptRoot
$version = (Import-PowerShellDataFile -LiteralPath (Join-Path $root 'HyperVBackup.psd1')).ModuleVersion
if (-not $Output) { $Output = Join-Path $root 'output' }
# PowerShell's current folder is not that of .NET.
$Output = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output)
$moduleFolder = [System.IO.Path]::Combine($Output, 'HyperVBackup', $version)

function Invoke-Tool([string] $Name, [string[]] $Arguments) {
    Write-Host "> $Name $($Arguments -join ' ')"
    & $Name @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Name ended with exit code $LASTEXITCODE." }
}

function Get-BuildOption {
    $options = @('-c', $Configuration, '--nologo')
    if ($AlphaVss) { $options += '-p:AlphaVssPackage=true' }
    $options
}

function Build-Solution {
    Invoke-Tool dotnet (@('build', (Join-Path $root 'HyperVBackup.slnx'), '-v', 'minimal') + (Get-BuildOption))
}

# The shell that runs this, again: its edition is the one to be tested. Not by its process, which is dotnet for the
# PowerShell that is a tool of .NET.
function Get-Shell {
    Join-Path $PSHOME $(if ($PSVersionTable.PSEdition -ne 'Core') { 'powershell.exe' } elseif ($IsWindows) { 'pwsh.exe' } else { 'pwsh' })
}

function Test-Solution {
    Invoke-Tool dotnet (@('test', (Join-Path $root 'HyperVBackup.slnx'), '--no-build') + (Get-BuildOption))
}

function Test-ModuleFolder {
    # In one piece, which is the name of no file: alone, PowerShell on Linux would put file names in place of the wildcards.
    Invoke-Tool (Get-Shell) @('-NoProfile', '-NonInteractive', '-File', [System.IO.Path]::Combine($root, 'tests', 'pester', 'Run.ps1'), '-ModuleFolder', $moduleFolder, "-Filter:$Filter")
}

# What the packaged assemblies refer to is there, in both editions of PowerShell.
function Test-Reference {
    $env:HVBACKUP_TEST_MODULE = Join-Path $moduleFolder 'HyperVBackup.psd1'
    try { Invoke-Tool dotnet (@('test', [System.IO.Path]::Combine($root, 'tests', 'HyperVBackup.Cmdlets.Tests'), '--no-build', '--filter', 'FullyQualifiedName~References') + (Get-BuildOption)) }
    finally { Remove-Item Env:HVBACKUP_TEST_MODULE }
}

# Everything the module needs, and nothing else.
function New-ModuleFolder {
    if (Test-Path -LiteralPath $moduleFolder) { Remove-Item -LiteralPath $moduleFolder -Recurse -Force }
    $lib = New-Item -ItemType Directory -Path (Join-Path $moduleFolder 'lib')
    $built = [System.IO.Path]::Combine($root, 'src', 'HyperVBackup.Cmdlets', 'bin', $Configuration, 'netstandard2.0')
    foreach ($assembly in 'HyperVBackup.Core', 'HyperVBackup.Reports', 'HyperVBackup.Cmdlets', 'Newtonsoft.Json') {
        Copy-Item -LiteralPath (Join-Path $built "$assembly.dll") -Destination $lib
    }

    if ($AlphaVss) {
        $vss = Join-Path $built 'vss'
        foreach ($edition in 'net472', 'net8.0') {
            $file = [System.IO.Path]::Combine($vss, $edition, 'AlphaVSS.Common.dll')
            if (-not (Test-Path -LiteralPath $file)) { throw "$file is not there: does the package source carry AlphaVSS?" }
        }
        Copy-Item -LiteralPath $vss -Destination $lib -Recurse
    }

    $module = Join-Path $root 'module'
    Get-ChildItem -LiteralPath $module -File | Where-Object Extension -in '.psm1', '.ps1xml', '.json' | Copy-Item -Destination $moduleFolder
    Copy-Item -LiteralPath (Join-Path $root 'LICENSE') -Destination $moduleFolder
    Copy-Item -LiteralPath (Join-Path $module 'en-US') -Destination $moduleFolder -Recurse

    # In the package the manifest lies beside what in the repository lies in module/.
    $manifest = [System.IO.File]::ReadAllText((Join-Path $root 'HyperVBackup.psd1')).Replace("'module/", "'")
    [System.IO.File]::WriteAllText((Join-Path $moduleFolder 'HyperVBackup.psd1'), $manifest)

    Invoke-Tool (Get-Shell) @('-NoProfile', '-NonInteractive', '-File', [System.IO.Path]::Combine($module, 'help', 'New-Help.ps1'), '-ModuleFolder', $moduleFolder)
    Write-Host "Module folder: $moduleFolder"
}

function New-Package {
    New-ModuleFolder
    Test-ModuleFolder
    Test-Reference
    & ([System.IO.Path]::Combine($root, 'module', 'New-Nupkg.ps1')) -ModuleFolder $moduleFolder -Destination $Output
}

if ($Task -contains 'Build' -or $Task -contains 'Package') { Build-Solution }
if ($Task -contains 'Test') { Test-Solution }
if ($Task -contains 'Module') { New-ModuleFolder }
if ($Task -contains 'Test' -or $Task -contains 'Pester') {
    New-ModuleFolder
    Test-ModuleFolder
}
if ($Task -contains 'Package') { New-Package }
