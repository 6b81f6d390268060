# Loads the cmdlets: from lib/ of the packaged module, or, in a clone of the repository, from where 'dotnet build' has put them.

# Windows PowerShell starts on any .NET Framework from 4.5.2 on, and what .NET Framework then says about a missing netstandard.dll helps nobody.
if ($PSEdition -ne 'Core') {
    $release = (Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full' -Name Release -ErrorAction SilentlyContinue).Release
    # 461808: https://learn.microsoft.com/dotnet/framework/install/how-to-determine-which-versions-are-installed
    if ($release -lt 461808) {
        throw 'HyperVBackup needs .NET Framework 4.7.2 or later in Windows PowerShell. Windows Server 2016 comes with 4.6.2: install .NET Framework 4.8, or use PowerShell 7.4 or later.'
    }
}
elseif ($PSVersionTable.PSVersion -lt [version]'7.4') {
    throw "HyperVBackup needs PowerShell 7.4 or later, or Windows PowerShell 5.1; this is PowerShell $($PSVersionTable.PSVersion)."
}

$name = 'HyperVBackup.Cmdlets.dll'
$cmdlets = [System.IO.Path]::Combine($PSScriptRoot, 'lib', $name)
if (-not [System.IO.File]::Exists($cmdlets)) {
    $built = foreach ($configuration in 'Release', 'Debug') {
        $path = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, "../src/HyperVBackup.Cmdlets/bin/$configuration/netstandard2.0", $name))
        if ([System.IO.File]::Exists($path)) { [System.IO.FileInfo]$path }
    }
    if (-not $built) {
        throw "HyperVBackup is not built yet. Run 'dotnet build' (or ./build.ps1 -Task Build) in $(Split-Path -Parent $PSScriptRoot), or install the packaged module."
    }
    $cmdlets = ($built | Sort-Object -Property LastWriteTimeUtc -Descending)[0].FullName
}

# The warning about the verb of Expose-HvShadow comes once, from the import of the module itself.
Microsoft.PowerShell.Core\Import-Module -Name $cmdlets -DisableNameChecking -ErrorAction Stop
Export-ModuleMember -Cmdlet * -Alias *
