BeforeAll { . $PSScriptRoot/TestHost.ps1 }

Describe 'Virtual machines off Windows' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
    BeforeAll { $box = New-TestHost "$TestDrive/machines" }

    It 'cannot be listed, and why is said' {
        $error_ = { Get-HvVirtualMachine } | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,HyperVBackup.Cmdlets.GetHvVirtualMachineCommand' -PassThru
        $error_.CategoryInfo.Category | Should -Be 'NotInstalled'
    }

    It 'cannot be backed up, by <How>' -ForEach @(
        @{ How = 'name'; Run = { Invoke-HvBackup -VirtualMachine web* -Destination $box.D } }
        @{ How = 'objects with an id, as Get-VM has them'; Run = { [pscustomobject]@{ VMId = [guid]::NewGuid(); VMName = 'web' } | Invoke-HvBackup -Destination $box.D } }
        @{ How = 'a plan'; Run = { Invoke-HvBackup @{ virtualMachines = 'web'; virtualMachineTargets = $box.D } } }
    ) {
        $Run | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,HyperVBackup.Cmdlets.InvokeHvBackupCommand'
        Get-ChildItem $box.D -Force -Name | Should -Be 'SystemVHD'
    }
}

Describe 'A virtual machine' {
    BeforeAll {
        $machine = [HyperVBackup.Machines.HyperVMachine]@{
            Id = [guid]'5b1d6bb4-6a2e-4d3e-8f2e-0a1c2f6a9d10'; Name = 'web'; Caption = 'Offline\web'; Volumes = [string[]]('C:\', 'D:\')
            Files = [HyperVBackup.Machines.MachineFile[]]@([HyperVBackup.Machines.MachineFile]::new('D:\SystemVHD', 'web.vhdx', $false))
        }
        # To PowerShell the property is the enumeration's name, and cannot be set.
        $machine.PSBase.Capture = 'SavedState'
    }

    It 'is shown in 80 columns' {
        $machine | Out-String -Width 80 | Should -Match 'web +SavedState +C:\\, D:\\'
        $machine | Format-List | Out-String -Width 80 | Should -Match 'SavedState: Offline\\web'
    }

    It 'survives remoting' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($machine, 1))
        $copy.Capture | Should -Be 'SavedState'
        $copy.Files[0].Specification | Should -Be 'web.vhdx'
    }
}
