BeforeDiscovery {
    # Needs root and a file system of its own; where these cannot be had, the tests are skipped.
    $ready = $IsLinux -and (id -u) -eq '0' -and (Get-Command mkfs.btrfs -ErrorAction Ignore) -and (Get-Command btrfs -ErrorAction Ignore)
    if (-not $ready) { Write-Host 'Btrfs.Tests.ps1 is skipped: it needs root on Linux, mkfs.btrfs and btrfs.' }
}

Describe 'Shadow sets of btrfs subvolumes' -Skip:(-not $ready) {
    BeforeAll {
        . $PSScriptRoot/TestHost.ps1
        $box = New-TestHost "$TestDrive/box"
        $disk = "$TestDrive/btrfs"
        $null = New-Item -ItemType Directory $disk
        truncate -s 256M "$TestDrive/disk.img"
        mkfs.btrfs -q "$TestDrive/disk.img" *> $null
        mount -o loop "$TestDrive/disk.img" $disk
        if ($LASTEXITCODE) { throw 'The file system cannot be mounted.' }
        $null = 'vms', 'data' | ForEach-Object { btrfs subvolume create "$disk/$_" }
        $null = 'vms/web', 'vms/db' | ForEach-Object { New-Item -ItemType Directory "$disk/$_" }
        [System.IO.File]::WriteAllText("$disk/vms/web/a.txt", 'before')
        function Get-Subvolume { btrfs subvolume list $disk | ForEach-Object { ($_ -split ' path ')[1] } }
    }

    AfterEach { Get-HvShadowSet -Ours | Remove-HvShadowSet }

    AfterAll { umount $disk }

    It 'hold one snapshot of each subvolume, are found again, exposed and removed' {
        $set = New-HvShadowSet "$disk/vms/web", "$disk/vms/db", "$disk/data" -Provider btrfs
        $set.Shadows.Volume | Should -Be "$disk/vms", "$disk/data"
        $set.Consistency | Should -Be 'Crash'
        Get-Subvolume | Where-Object { $_ -like '*/.hvbackup-shadow-*/snapshot' } | Should -HaveCount 2
        [System.IO.File]::WriteAllText("$disk/vms/web/a.txt", 'after')
        (Get-HvShadowSet -Volume "$disk/vms").Id | Should -Be $set.Id
        $exposed = Get-HvShadowSet -Id $set.Id | Expose-HvShadow -MountRoot $box.Mounts
        Get-Content "$($exposed[0].ExposedAt)/web/a.txt" | Should -Be 'before'
        [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($set, 3)) | Remove-HvShadowSet
        Get-HvShadowSet | Should -BeNullOrEmpty
        Get-Subvolume | Should -Be 'vms', 'data'
        Get-ChildItem $box.Mounts | Should -BeNullOrEmpty
    }

    It 'warn of what they do not hold' {
        $null = btrfs subvolume create "$disk/data/nested"
        $null = New-HvShadowSet "$disk/data" -Provider btrfs -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -BeLike "$disk/data/nested is a subvolume of its own*"
        $null = btrfs subvolume delete "$disk/data/nested"
    }

    It 'are refused elsewhere, in words' {
        { New-HvShadowSet /proc -Provider btrfs } | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,*' -ExpectedMessage '*it lies on proc*'
    }

    It 'are what Invoke-HvBackup reads' {
        $result = Invoke-HvBackup -Source "$disk/vms" -Destination $box.E
        $result.Outcome, $result.Provider, $result.Consistency | Should -Be 'Complete', 'btrfs', 'Crash'
        (Get-HvBackup $box.E)[0].Consistency | Should -Be 'Crash'
        Get-Subvolume | Should -Be 'vms', 'data'
    }
}
