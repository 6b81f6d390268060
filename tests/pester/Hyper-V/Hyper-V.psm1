# A Hyper-V host for the suites, as far as registering restored machines goes and as its reference describes it. A configuration file here is JSON: its name and its disks.
# It lies in a folder of the module's name, so that Hyper-V\Get-VM means this one.

$script:machines = @{}
$script:planned = @{}
$script:switches = @('Production')
$script:calls = [System.Collections.Generic.List[string]]::new()

class HardDiskDrive { [string] $Path }
class VMNetworkAdapter { [string] $Name }

function Get-FakeHost { [pscustomobject]@{ Machines = $machines; Planned = $planned; Calls = $calls } }

function Reset-FakeHost([string[]] $Switch = 'Production') {
    $machines.Clear(); $planned.Clear(); $calls.Clear()
    $script:switches = $Switch
}

function Get-VM {
    [CmdletBinding()]
    param([guid] $Id)
    if ($machines.ContainsKey($Id)) { $machines[$Id] } else { Write-Error "Hyper-V was unable to find a virtual machine with id $Id." }
}

function Get-VMSnapshot {
    [CmdletBinding()]
    param($VM)
    $VM.Checkpoints
}

function Compare-VM {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(ParameterSetName = 'Register', Mandatory)] [Parameter(ParameterSetName = 'Copy', Mandatory)] [string] $Path,
        [Parameter(ParameterSetName = 'Register')] [switch] $Register,
        [Parameter(ParameterSetName = 'Copy', Mandatory)] [switch] $Copy,
        [Parameter(ParameterSetName = 'Copy')] [switch] $GenerateNewId,
        [Parameter(ParameterSetName = 'Copy')] [string] $VhdSourcePath,
        [Parameter(ParameterSetName = 'Copy')] [string] $VhdDestinationPath,
        [Parameter(ParameterSetName = 'Copy')] [string] $VirtualMachinePath,
        [Parameter(ParameterSetName = 'CompatibilityReport', Mandatory)] $CompatibilityReport
    )
    if ($CompatibilityReport) {
        $calls.Add('Compare-VM again')
        $report = $CompatibilityReport
    }
    else {
        $calls.Add("Compare-VM $(@($PSBoundParameters.Keys | Where-Object { $_ -in 'Register', 'Copy', 'GenerateNewId' } | Sort-Object) -join ' ')")
        $id = [guid][System.IO.Path]::GetFileNameWithoutExtension($Path)
        if ($planned.ContainsKey($id)) { throw "The process cannot access the file '$Path'." }
        $content = [System.IO.File]::ReadAllText($Path) | ConvertFrom-Json
        if ($content.broken) { throw 'The virtual machine configuration could not be read.' }
        $drives = @($content.disks | ForEach-Object { [HardDiskDrive]@{ Path = if ($Copy) { Join-Path $VhdSourcePath ($_ -split '[\\/]')[-1] } else { $_ } } })
        $checkpoints = @($content.checkpoints | Where-Object { $_ } | ForEach-Object { [pscustomobject]@{ HardDrives = @([HardDiskDrive]@{ Path = $_ }) } })
        $vm = [pscustomobject]@{ Name = $content.name; Id = if ($GenerateNewId) { [guid]::NewGuid() } else { $id }; HardDrives = $drives; Checkpoints = $checkpoints; Switch = $content.switch }
        $planned[$id] = $vm
        $report = [pscustomobject]@{ VM = $vm; Path = $Path; Incompatibilities = @() }
    }

    $report.Incompatibilities = @(
        foreach ($drive in @($report.VM.HardDrives) + @($report.VM.Checkpoints.HardDrives)) {
            if ($drive -and -not [System.IO.File]::Exists($drive.Path)) { [pscustomobject]@{ Message = "The file '$($drive.Path)' was not found."; MessageId = 40010; Source = $drive } }
        }
        if ($report.VM.Switch -notin $switches) { [pscustomobject]@{ Message = "Could not find Ethernet switch '$($report.VM.Switch)'."; MessageId = 33012; Source = [VMNetworkAdapter]@{ Name = 'Network Adapter' } } }
    )
    $report
}

function Set-VMHardDiskDrive {
    [CmdletBinding(SupportsShouldProcess)]
    param([HardDiskDrive[]] $VMHardDiskDrive, [string] $Path)
    $calls.Add('Set-VMHardDiskDrive')
    foreach ($drive in $VMHardDiskDrive) { $drive.Path = $Path }
}

function Import-VM {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] $CompatibilityReport)
    $calls.Add('Import-VM')
    if ($CompatibilityReport.Incompatibilities) { throw 'Unable to import virtual machine due to configuration errors.' }
    $vm = $CompatibilityReport.VM
    $planned.Remove([guid][System.IO.Path]::GetFileNameWithoutExtension($CompatibilityReport.Path))
    $machines[$vm.Id] = $vm
    $vm
}

function Remove-VM {
    [CmdletBinding(SupportsShouldProcess)]
    param($VM, [switch] $Force)
    $calls.Add('Remove-VM')
    foreach ($id in @($planned.Keys)) { if ($planned[$id] -eq $VM) { $planned.Remove($id) } }
}

Export-ModuleMember -Function *
