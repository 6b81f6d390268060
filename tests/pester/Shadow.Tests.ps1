BeforeAll { . $PSScriptRoot/TestHost.ps1 }

Describe 'Shadow sets by hand' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $provider = 'copy' }
    AfterEach { Get-HvShadowSet -Ours | Remove-HvShadowSet }

    It 'are made, exposed, copied and removed in one pipeline' {
        New-HvShadowSet -Volume $box.C, $box.D -Provider $provider -OutVariable set |
            Expose-HvShadow -MountRoot $box.Mounts -OutVariable exposed |
            ForEach-Object { Copy-HvMirror -Path $_.ExposedAt -Destination "$($box.E)/copy/$(Split-Path -Leaf $_.ExposedAt)" -OutVariable +mirrors } | Out-Null
        $exposed.ExposedAt | Should -Be (Join-Path $box.Mounts 'C'), (Join-Path $box.Mounts 'D')
        $mirrors.Outcome | Should -Be 'Complete', 'Complete'
        Get-Content64 "$($box.E)/copy/D/SystemVHD/vm1.vhdx" | Should -Be (Get-Content64 "$($box.D)/SystemVHD/vm1.vhdx")
        $set | Remove-HvShadowSet
        Get-HvShadowSet | Should -BeNullOrEmpty
        Get-ChildItem $box.Mounts | Should -BeNullOrEmpty
        "$($box.D)/SystemVHD/vm1.vhdx" | Should -Exist
    }

    It 'are mirrored in one pipeline, each into a folder of its own' {
        New-HvShadowSet -Volume $box.C, $box.D -Provider $provider | Expose-HvShadow -MountRoot $box.Mounts |
            Copy-HvMirror -Destination "$($box.E)/copy" -SeparateFolders -OutVariable mirrors | Out-Null
        $mirrors.Outcome | Should -Be 'Complete', 'Complete'
        "$($box.E)/copy/C/CFG/vm1.xml" | Should -Exist
        "$($box.E)/copy/D/SystemVHD/vm1.vhdx" | Should -Exist
    }

    It 'do not delete each other''s copies: several for one destination are refused before anything is touched' {
        $null = Copy-HvMirror $box.C "$($box.E)/copy"
        $before = Get-Fingerprint $box.E
        New-HvShadowSet -Volume $box.C, $box.D -Provider $provider | Expose-HvShadow -MountRoot $box.Mounts |
            Copy-HvMirror -Destination "$($box.E)/copy" -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.BadPlan,HyperVBackup.Cmdlets.CopyHvMirrorCommand'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-SeparateFolders*'
        Get-Fingerprint $box.E | Should -Be $before
    }

    It 'are not taken from under the run that reads them' {
        # What a run of this process would have in the journal.
        $set = New-HvShadowSet $box.C -Provider $provider
        $journal = (Get-ChildItem "$($box.Root)/state/shadows" -Filter *.json).FullName
        (Get-Content $journal -Raw).Replace('"Kept": true', '"Kept": false') | Set-Content $journal
        (Get-HvShadowSet -Ours).InUseBy | Should -BeLike "*process $PID on *"
        (Get-HvShadowSet -Ours | Out-String -Width 200) | Should -Match 'in use by'
        Get-HvShadowSet -Ours | Remove-HvShadowSet -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.LockHeld,HyperVBackup.Cmdlets.RemoveHvShadowSetCommand'
        { $set.Shadows[0].Id | Remove-HvShadowSet -ErrorAction Stop } | Should -Throw '*in use by*'
        (Get-HvShadowSet).Id | Should -Be $set.Id
        $set | Remove-HvShadowSet -Force
        Get-HvShadowSet | Should -BeNullOrEmpty
    }

    It 'have their properties' {
        $set = New-HvShadowSet $box.C, $box.D -Provider $provider
        $set.Id | Should -BeOfType guid
        $set.IsPersistent | Should -BeTrue
        $set.Shadows.Volume | Should -Be $box.C, $box.D
        $set.Shadows[0].SetId | Should -Be $set.Id
    }

    It 'gather all volumes of the pipeline in one set' {
        $set = Get-Item $box.C, $box.D | New-HvShadowSet -Provider $provider
        $set.Shadows | Should -HaveCount 2
    }

    It 'are found by volume and by id, of the set and of a shadow copy' {
        $set = New-HvShadowSet $box.C, $box.D -Provider $provider
        (Get-HvShadowSet -Volume "*/C", '*\C').Id | Should -Be $set.Id
        (Get-HvShadowSet -Id $set.Id).Id | Should -Be $set.Id
        (Get-HvShadowSet -Id $set.Shadows[1].Id).Id | Should -Be $set.Id
        Get-HvShadowSet -Volume 'elsewhere' | Should -BeNullOrEmpty
    }

    It 'get mount points with names of their own' {
        $null = New-Item -ItemType Directory "$($box.Root)/other/D"
        $places = New-HvShadowSet $box.D, "$($box.Root)/other/D" -Provider $provider | Expose-HvShadow -MountRoot $box.Mounts | ForEach-Object ExposedAt
        $places | Should -Be (Join-Path $box.Mounts 'D'), (Join-Path $box.Mounts 'D-2')
    }

    It 'are exposed at an exact place, by the alias too' {
        $shadow = (New-HvShadowSet $box.C -Provider $provider).Shadows[0] | Mount-HvShadow -At "$($box.Mounts)/here"
        $shadow.ExposedAt | Should -Be (Join-Path $box.Mounts 'here')
        "$($box.Mounts)/here/CFG/vm1.xml" | Should -Exist
    }

    It 'are dismounted and stay' {
        $exposed = New-HvShadowSet $box.C, $box.D -Provider $provider | Expose-HvShadow -MountRoot $box.Mounts
        ($exposed[0] | Dismount-HvShadow -PassThru).ExposedAt | Should -BeNullOrEmpty
        Dismount-HvShadow -Path $exposed[1].ExposedAt
        Get-ChildItem $box.Mounts | Should -BeNullOrEmpty
        (Get-HvShadowSet).Shadows | Should -HaveCount 2
    }

    It 'are removed one shadow copy at a time' {
        $set = New-HvShadowSet $box.C, $box.D -Provider $provider
        $set.Shadows[0] | Remove-HvShadowSet
        (Get-HvShadowSet).Shadows.Volume | Should -Be $box.D
    }

    It 'come from another session as well' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((New-HvShadowSet $box.C -Provider $provider), 3))
        $exposed = $copy | Expose-HvShadow -MountRoot $box.Mounts
        $exposed.ExposedAt | Should -Exist
        $copy | Remove-HvShadowSet
        Get-HvShadowSet | Should -BeNullOrEmpty
    }

    It 'do not come to be with -WhatIf' {
        New-HvShadowSet $box.C -Provider $provider -WhatIf | Should -BeNullOrEmpty
        Get-HvShadowSet | Should -BeNullOrEmpty
        "$($box.Root)/state" | Should -Not -Exist
    }

    It 'are neither exposed, dismounted nor removed with -WhatIf' {
        $set = New-HvShadowSet $box.C -Provider $provider
        $set | Expose-HvShadow -MountRoot $box.Mounts -WhatIf | Should -BeNullOrEmpty
        Get-ChildItem $box.Mounts | Should -BeNullOrEmpty
        $exposed = $set | Expose-HvShadow -MountRoot $box.Mounts
        $exposed | Dismount-HvShadow -WhatIf
        $set | Remove-HvShadowSet -WhatIf
        $exposed.ExposedAt | Should -Exist
        (Get-HvShadowSet).Id | Should -Be $set.Id
    }

    It 'end with an error where they cannot be made or exposed' {
        { New-HvShadowSet "$($box.Root)/nowhere" -Provider $provider } | Should -Throw -ErrorId 'HvBackup.SourceMissing,HyperVBackup.Cmdlets.NewHvShadowSetCommand'
        { New-HvShadowSet $box.C -Provider $provider | Expose-HvShadow -At $box.D } | Should -Throw -ErrorId 'HvBackup.ExposeFailed,HyperVBackup.Cmdlets.ExposeHvShadowCommand'
        { New-HvShadowSet $box.C -Provider $provider | Expose-HvShadow } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
        { [guid]::NewGuid() | Expose-HvShadow -MountRoot $box.Mounts } | Should -Throw -ErrorId 'HvBackup.ShadowMissing,*'
    }

    It 'that are not there are errors that let the rest be removed' {
        $set = New-HvShadowSet $box.C -Provider $provider
        Remove-HvShadowSet -Id ([guid]::NewGuid()), $set.Id -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.ShadowMissing,HyperVBackup.Cmdlets.RemoveHvShadowSetCommand'
        Get-HvShadowSet | Should -BeNullOrEmpty
    }

    It 'have no path before they are exposed, and say so' {
        $set = New-HvShadowSet $box.C -Provider $provider
        { $set.Shadows[0] | Copy-HvMirror -Destination "$($box.E)/copy" -ErrorAction Stop } | Should -Throw '*Expose it first*'
    }

    It 'that a run left are removed as orphans, and those kept by hand are not' {
        $kept = New-HvShadowSet $box.C -Provider $provider
        $journal = Get-ChildItem "$($box.Root)/state/shadows" -Filter *.json
        $left = Get-Content $journal.FullName -Raw | ConvertFrom-Json
        $left.Id = [guid]::NewGuid(); $left.Kept = $false; $left.Owner.ProcessId = 0x7ffffff0
        $left | ConvertTo-Json -Depth 9 | Set-Content "$($box.Root)/state/shadows/$($left.Id).json"
        Remove-HvShadowSet -Orphaned -WhatIf
        Get-ChildItem "$($box.Root)/state/shadows" | Should -HaveCount 2
        Remove-HvShadowSet -Orphaned
        (Get-ChildItem "$($box.Root)/state/shadows").FullName | Should -Be $journal.FullName
    }
}

Describe 'Copy-HvMirror' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $to = "$($box.E)/mirror" }

    It 'makes the destination like the source' {
        $result = Copy-HvMirror $box.C $to
        $result.FilesCopied | Should -Be 2
        Set-Content "$to/CFG/extra" 'x'
        Remove-Item "$($box.C)/CFG/notes.txt"
        $result = Copy-HvMirror $box.C $to
        $result.Deleted | Should -Be 2
        $result.FilesUnchanged | Should -Be 1
        $result.ExitCode | Should -Be 0
    }

    It 'deletes nothing with -WhatIf' {
        $null = Copy-HvMirror $box.C $to
        Set-Content "$to/CFG/extra" 'x'
        $before = Get-Fingerprint $box.Root
        Copy-HvMirror $box.C $to -WhatIf
        Get-Fingerprint $box.Root | Should -Be $before
    }

    It 'leaves alone what -Include does not name' {
        $null = New-Item -ItemType Directory $to
        Set-Content "$to/mine.txt" 'x'
        $null = Copy-HvMirror "$($box.C)/CFG" $to -Include *.xml
        Get-ChildItem $to -Name | Sort-Object | Should -Be 'mine.txt', 'vm1.xml'
    }

    It 'takes a folder from the pipeline' {
        (Get-Item $box.C | Copy-HvMirror -Destination $to).Files | Should -Be 2
    }

    It 'refuses wildcards that match more than one folder' {
        $null = Copy-HvMirror "$($box.Root)/[CD]" $to -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.BadPlan,HyperVBackup.Cmdlets.CopyHvMirrorCommand'
        $to | Should -Not -Exist
    }

    It 'mirrors none of several folders when one of them is not there' {
        $null = New-Item -ItemType Directory $to
        Set-Content "$to/kept" 'x'
        "$($box.Root)/nowhere", $box.C | Copy-HvMirror -Destination $to -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.*'
        "$to/kept" | Should -Exist
    }

    It 'takes names with brackets as they are' {
        $null = New-Item -ItemType Directory "$($box.Root)/a[1]"
        [System.IO.File]::WriteAllText("$($box.Root)/a[1]/f", 'x')
        (Copy-HvMirror -Path "$($box.Root)/a[1]" -Destination $to).Files | Should -Be 1
        (Copy-HvMirror -LiteralPath "$($box.Root)/a[1]" -Destination $to).FilesUnchanged | Should -Be 1
    }

    It 'refuses a destination inside the source' {
        $null = Copy-HvMirror $box.C "$($box.C)/inside" -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.BadPlan,*'
        $errors[0].Exception.Message | Should -Match 'destination'
    }

    It 'names the files it could not read, and copies the others' -Skip:(-not $IsLinux -or (id -u) -eq '0') {
        chmod 0 "$($box.C)/CFG/vm1.xml"
        $result = Copy-HvMirror $box.C $to -ErrorVariable errors -ErrorAction SilentlyContinue
        $result.Outcome | Should -Be 'Failed'
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.AccessDenied,*'
        "$to/CFG/notes.txt" | Should -Exist
    }
}
