BeforeAll {
    . $PSScriptRoot/TestHost.ps1
    $id = '6d3f2c1a-0000-4000-8000-1234567890ab'

    # A set of one virtual machine, as a backup by the Hyper-V writer leaves it: its files of three disks in one folder. Made from a copied folder, and said to be a machine's.
    function New-MachineSet([string] $Root, [hashtable] $Configuration = @{}) {
        $box = New-TestHost $Root
        $content = @{ name = 'web01'; disks = 'D:\SystemVHD\web.vhdx', 'E:\DataVHD\data.vhdx'; switch = 'Production' } + $Configuration
        $machine = New-Item -ItemType Directory "$Root/web01/C/Hyper-V/Virtual Machines" -Force
        $null = New-Item -ItemType Directory "$Root/web01/D/SystemVHD", "$Root/web01/E/DataVHD" -Force
        [System.IO.File]::WriteAllText("$machine/$id.vmcx", ($content | ConvertTo-Json))
        Write-TestDisk "$Root/web01/D/SystemVHD/web.vhdx" 1
        Write-TestDisk "$Root/web01/E/DataVHD/data.vhdx" 2
        $null = Invoke-HvBackup -Source "$Root/web01" -Destination $box.D -Provider copy
        $state = "$($box.D)/Backup-SetA/.hvbackup/set.json"
        [System.IO.File]::WriteAllText($state, ([System.IO.File]::ReadAllText($state) -replace ',\s*"sha256": "[0-9a-f]+"').Replace('"machine": ""', '"machine": "web01"').Replace('"machineId": ""', "`"machineId`": `"$id`""))
        $box | Add-Member To "$Root/restored" -PassThru
    }
}

Describe 'Restore-HvBackup -VirtualMachine' {
    BeforeAll { $box = New-MachineSet "$TestDrive/machine" }

    It 'brings back the files of <_>' -ForEach 'web01', 'WEB*', '6d3f2c1a-0000-4000-8000-1234567890ab' {
        $to = "$TestDrive/$([guid]::NewGuid())"
        $report = Restore-HvBackup $box.D $to -VirtualMachine $_
        $report.Machines | Should -Be 'web01'
        "$to/web01/D/SystemVHD/web.vhdx" | Should -Exist
    }

    It 'names the machines there are when one is not' {
        $null = Restore-HvBackup $box.D $box.To -VMName db01 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.VirtualMachine,HyperVBackup.Cmdlets.RestoreHvBackupCommand'
        $errors[0].Exception.Message | Should -Match 'the set has web01'
        $box.To | Should -Not -Exist
    }

    It 'completes its names from the set' {
        $line = "Restore-HvBackup '$($box.D)' x -VirtualMachine w"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'web01'
    }
}

Describe 'Restore-HvBackup -Register without Hyper-V' -Skip:([bool](Get-Module -ListAvailable Hyper-V)) {
    It 'says what to install, and restores nothing' {
        $box = New-MachineSet "$TestDrive/without"
        $null = Restore-HvBackup $box.D $box.To -Register -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.ProviderUnavailable,HyperVBackup.Cmdlets.RestoreHvBackupCommand'
        $errors[0].ErrorDetails.RecommendedAction | Should -Match 'Install-WindowsFeature Hyper-V-PowerShell'
        $box.To | Should -Not -Exist
    }
}

Describe 'Restore-HvBackup -Register' {
    BeforeAll { Import-Module "$PSScriptRoot/Hyper-V/Hyper-V.psm1" -Force -DisableNameChecking }

    AfterAll { Remove-Module Hyper-V }

    BeforeEach {
        Reset-FakeHost
        $box = New-MachineSet "$TestDrive/$([guid]::NewGuid())"
    }

    It 'makes the restored files a virtual machine of the host, in place' {
        $report = Restore-HvBackup $box.D $box.To -Register
        $report.ExitCode | Should -Be 0
        $registration = $report.Registrations[0]
        $registration.Name | Should -Be 'web01'
        $registration.IsRegistered | Should -BeTrue
        $registration.Id | Should -Be $id
        $registration.Disks | ForEach-Object { $_.Replace('\', '/') } | Should -Be "$($box.To)/web01/D/SystemVHD/web.vhdx".Replace('\', '/'), "$($box.To)/web01/E/DataVHD/data.vhdx".Replace('\', '/')
        (Get-FakeHost).Calls | Should -Be 'Compare-VM Register', 'Set-VMHardDiskDrive', 'Set-VMHardDiskDrive', 'Compare-VM again', 'Import-VM'
        (Get-FakeHost).Machines.Keys | Should -Be $id
    }

    It 'attaches the restored disks of checkpoints too' {
        $box = New-MachineSet "$TestDrive/checkpoints" @{ checkpoints = @('D:\SystemVHD\web.vhdx') }
        (Restore-HvBackup $box.D $box.To -Register).Registrations[0].IsRegistered | Should -BeTrue
        ((Get-FakeHost).Machines.Values.Checkpoints.HardDrives.Path).Replace('\', '/') | Should -BeLike '*/restored/web01/D/SystemVHD/web.vhdx'
    }

    It 'reports what does not fit the host as objects, leaves no plan there, and succeeds when it is mended' {
        Reset-FakeHost -Switch 'Other'
        $report = Restore-HvBackup $box.D $box.To -Register -ErrorVariable errors -ErrorAction SilentlyContinue
        $report.ExitCode | Should -Be 1
        $report.FilesRestored | Should -Be 3
        $reason = $report.Registrations[0].Incompatibilities
        $reason.MessageId | Should -Be 33012
        $reason.Message | Should -Match "switch 'Production'"
        $reason.Source | Should -Be 'VMNetworkAdapter Network Adapter'
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.VirtualMachine,HyperVBackup.Cmdlets.RestoreHvBackupCommand'
        (Get-FakeHost).Planned.Count | Should -Be 0
        (Get-FakeHost).Machines.Count | Should -Be 0

        Reset-FakeHost
        $report = Restore-HvBackup $box.D $box.To -Register
        $report.FilesPresent | Should -Be 3
        $report.Registrations[0].IsRegistered | Should -BeTrue
    }

    It 'refuses one whose id is on the host before anything is restored, but for a copy with a new id' {
        $null = Restore-HvBackup $box.D $box.To -Register
        $again = "$($box.Root)/again"
        $null = Restore-HvBackup $box.D $again -Register -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].Exception.Message | Should -Match 'the host has a virtual machine with its id'
        $errors[0].ErrorDetails.RecommendedAction | Should -Match '-GenerateNewId'
        $again | Should -Not -Exist

        $registration = (Restore-HvBackup $box.D $again -Register -GenerateNewId).Registrations[0]
        $registration.IsCopy | Should -BeTrue
        $registration.Id | Should -Not -Be $id
        (Get-FakeHost).Calls[-2] | Should -Be 'Compare-VM Copy GenerateNewId'
        "$again/web01/E/DataVHD/data.vhdx" | Should -Exist
    }

    It 'registers nothing when not everything was restored' {
        $null = New-Item -ItemType Directory "$($box.To)/web01/D/SystemVHD" -Force
        Set-Content "$($box.To)/web01/D/SystemVHD/web.vhdx" 'mine'
        $report = Restore-HvBackup $box.D $box.To -Register -ErrorAction SilentlyContinue -WarningVariable warnings -WarningAction SilentlyContinue
        $report.FailureCount | Should -Be 1
        $report.Registrations | Should -BeNullOrEmpty
        $warnings[0].Message | Should -Match 'Nothing was registered'
        (Get-FakeHost).Calls | Should -BeNullOrEmpty
    }

    It 'passes on what Hyper-V says' {
        $box = New-MachineSet "$TestDrive/broken" @{ broken = $true }
        $report = Restore-HvBackup $box.D $box.To -Register -ErrorVariable errors -ErrorAction SilentlyContinue
        $report.Registrations[0].Failure.Message | Should -Match 'Compare-VM says: The virtual machine configuration could not be read'
        $errors.Count | Should -BeGreaterOrEqual 1
    }

    It 'changes nothing with -WhatIf, and says what it would register' {
        $before = Get-Fingerprint $box.Root
        $host_ = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command "
            Import-Module '$env:HVBACKUP_TEST_MODULE', '$PSScriptRoot/Hyper-V/Hyper-V.psm1' -DisableNameChecking
            Restore-HvBackup '$($box.D)' '$($box.To)' -VMName web01 -Register -WhatIf" | Out-String -Width 1000
        $host_ | Should -Match 'What if: Restore everything of the virtual machine web01 in .*Backup-SetA to .*restored, and register web01 in place'
        Get-Fingerprint $box.Root | Should -Be $before
    }

    It 'wants -Copy for the places of a copy' {
        $null = Restore-HvBackup $box.D $box.To -Register -VhdDestinationPath $box.E -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.BadPlan,*'
        $box.To | Should -Not -Exist
    }

    It 'gives a result that is shown in 80 columns and survives remoting' {
        $report = Restore-HvBackup $box.D $box.To -Register
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($report, 4))
        $copy.Registrations[0].Disks.Count | Should -Be 2
        $copy.Registrations[0].IsRegistered | Should -BeTrue
        $report.Registrations | Out-String -Width 80 | Should -Match "web01 +Yes +in place +2 $id"
        $report | Format-List | Out-String -Width 200 | Should -Match 'web01: registered'
    }
}
