# The host of the scenario in miniature: three folders as disks C, D and E, with a state folder of their own. Dot-sourced by every suite.

Import-Module -Name $env:HVBACKUP_TEST_MODULE -DisableNameChecking -ErrorAction Stop

# The shell that runs the tests, for those that need a fresh one. Its process may be dotnet, for the PowerShell that is
# a tool of .NET.
$env:HVBACKUP_TEST_SHELL = Join-Path $PSHOME $(
    if ($PSVersionTable.PSEdition -ne 'Core') { 'powershell.exe' } elseif ($IsWindows) { 'pwsh.exe' } else { 'pwsh' }
)

function New-TestHost([string] $Root) {
    $env:HVBACKUP_STATE = Join-Path $Root 'state'
    foreach ($folder in 'C/CFG', 'D/SystemVHD', 'E/DataVHD', 'mnt') { $null = New-Item -ItemType Directory -Path (Join-Path $Root $folder) -Force }
    [System.IO.File]::WriteAllText("$Root/C/CFG/vm1.xml", '<configuration/>')
    [System.IO.File]::WriteAllText("$Root/C/CFG/notes.txt", 'not a configuration')
    Write-TestDisk "$Root/D/SystemVHD/vm1.vhdx" 1
    Write-TestDisk "$Root/E/DataVHD/vm1-data.vhdx" 2
    [pscustomobject]@{
        Root    = $Root
        C       = Join-Path $Root 'C'
        D       = Join-Path $Root 'D'
        E       = Join-Path $Root 'E'
        Mounts  = Join-Path $Root 'mnt'
        # The seed's crosswise plan.
        Backup  = @{ Source = "$Root/C/CFG", "$Root/D/SystemVHD", "$Root/E/DataVHD"; Destination = "$Root/D", "$Root/E"; Provider = 'copy' }
    }
}

# Not a disk anybody could start from: for the module, content is content.
function Write-TestDisk([string] $Path, [int] $Seed, [int] $Size = 300KB) {
    $content = [byte[]]::new($Size)
    [System.Random]::new($Seed).NextBytes($content)
    [System.IO.File]::WriteAllBytes($Path, $content)
}

# Every file and folder with size, time and content: what "changed nothing" means.
function Get-Fingerprint([string] $Root) {
    Get-ChildItem -LiteralPath $Root -Recurse -Force | Sort-Object FullName | ForEach-Object {
        $content = if (-not $_.PSIsContainer) { (Get-FileHash -LiteralPath $_.FullName).Hash }
        "$($_.FullName)|$($_.LastWriteTimeUtc.Ticks)|$content"
    }
}

function Get-Content64([string] $Path) { [System.Convert]::ToBase64String([System.IO.File]::ReadAllBytes($Path)) }
