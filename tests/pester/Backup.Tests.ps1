BeforeAll { . $PSScriptRoot/TestHost.ps1 }

Describe 'Invoke-HvBackup' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $backup = $box.Backup }

    It 'copies every folder to every disk it does not lie on' {
        $result = Invoke-HvBackup @backup
        $result.Outcome | Should -Be 'Complete'
        $result.ExitCode | Should -Be 0
        $result.Set | Should -Be 'SetA'
        $result.Jobs.Count | Should -Be 4
        "$($box.D)/Backup-SetA/CFG/vm1.xml" | Should -Exist
        "$($box.E)/Backup-SetA/CFG/vm1.xml" | Should -Exist
        Get-Content64 "$($box.E)/Backup-SetA/SystemVHD/vm1.vhdx" | Should -Be (Get-Content64 "$($box.D)/SystemVHD/vm1.vhdx")
        Get-Content64 "$($box.D)/Backup-SetA/DataVHD/vm1-data.vhdx" | Should -Be (Get-Content64 "$($box.E)/DataVHD/vm1-data.vhdx")
    }

    It 'writes SetA, SetB and SetA again' {
        1..3 | ForEach-Object { (Invoke-HvBackup @backup).Set } | Should -Be 'SetA', 'SetB', 'SetA'
        (Get-HvBackup $box.D).Sequence | Should -Be 3, 2
    }

    It 'takes the number of sets' {
        $backup.Sets = 3
        1..4 | ForEach-Object { (Invoke-HvBackup @backup).Set } | Should -Be 'Set01', 'Set02', 'Set03', 'Set01'
    }

    It 'warns when nothing was frozen, and says so in its exit code' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $backup.Remove('Provider')
        $result = Invoke-HvBackup @backup -WarningVariable warnings -WarningAction SilentlyContinue
        if ($result.Provider -ne 'copy') { Set-ItResult -Skipped -Because "this file system can do $($result.Provider)" }
        $result.Outcome | Should -Be 'CompleteWithWarnings'
        $result.ExitCode | Should -Be 3
        $warnings[0].Message | Should -Match 'Nothing was frozen'
    }

    It 'tells with -WhatIf which set would be written where, and changes nothing' {
        $null = Invoke-HvBackup @backup
        $null = Invoke-HvBackup @backup
        Remove-Item "$($box.C)/CFG/notes.txt"
        $before = Get-Fingerprint $box.Root
        $host_ = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command "
            Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking
            Invoke-HvBackup -Source '$($backup.Source -join "','")' -Destination '$($backup.Destination -join "','")' -Provider copy -WhatIf" | Out-String -Width 1000
        $host_ | Should -Match 'What if: Write SetA on '
        $host_ | Should -Match '2 files \(38 B\) in it that the sources no longer have would be deleted'
        $host_ | Should -Match 'SetB stays as the last good backup'
        Get-Fingerprint $box.Root | Should -Be $before
    }

    It 'takes folders from the pipeline' {
        $result = Get-Item $backup.Source | Invoke-HvBackup -Destination $backup.Destination -Provider copy
        $result.Jobs.Source | Select-Object -Unique | Should -HaveCount 3
    }

    It 'takes folders by wildcard' {
        $result = Invoke-HvBackup -Source "$($box.D)/System*" -Destination $box.E -Provider copy
        $result.Jobs.Source | Should -BeLike '*SystemVHD'
    }

    It 'copies what -Include names, but for what -Exclude names' {
        [System.IO.File]::WriteAllText("$($box.C)/CFG/vm2.xml", '<configuration/>')
        $result = Invoke-HvBackup -Source "$($box.C)/CFG" -Destination $box.D -Include *.xml -Exclude vm2* -Provider copy
        $result.Jobs.Files | Should -Be 1
        Get-ChildItem "$($box.D)/Backup-SetA/CFG" -Name | Should -Be 'vm1.xml'
    }

    It 'takes a plan from <Form>' -ForEach @(
        @{ Form = 'a JSON file'; Make = { param($c, $d) "// nightly`n{ `"name`": `"nightly`", `"jobs`": [ { `"source`": `"C/CFG`", `"targets`": [ `"D`" ] } ], `"shadow`": { `"provider`": `"copy`" } }" | Set-Content "$($box.Root)/plan.json"; "$($box.Root)/plan.json" } }
        @{ Form = 'a .psd1 file'; Make = { "@{ name = 'nightly'; jobs = @(@{ source = 'C/CFG'; targets = 'D' }); shadow = @{ provider = 'copy' } }" | Set-Content "$($box.Root)/plan.psd1"; "$($box.Root)/plan.psd1" } }
        @{ Form = 'a hashtable'; Make = { @{ Name = 'nightly'; Jobs = @(@{ Source = "$($box.C)/CFG"; Targets = $box.D }); Shadow = @{ Provider = 'copy' } } } }
        @{ Form = 'an object'; Make = { [pscustomobject]@{ name = 'nightly'; jobs = @([pscustomobject]@{ source = "$($box.C)/CFG"; targets = @($box.D) }); shadow = [pscustomobject]@{ provider = 'copy' } } } }
    ) {
        $result = Invoke-HvBackup -Plan (& $Make)
        $result.Plan | Should -Be 'nightly'
        $result.Outcome | Should -Be 'Complete'
        "$($box.D)/Backup-SetA/CFG/vm1.xml" | Should -Exist
    }

    It 'runs nothing in a .psd1 plan' {
        "@{ name = (New-Item '$($box.Root)/made'); jobs = @() }" | Set-Content "$($box.Root)/plan.psd1"
        { Invoke-HvBackup "$($box.Root)/plan.psd1" } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
        "$($box.Root)/made" | Should -Not -Exist
    }

    It 'refuses a plan with <What>, naming it' -ForEach @(
        @{ What = 'a misspelt property'; Plan = @{ jobs = @(); exlude = '*.tmp' }; Names = 'exlude' }
        @{ What = 'a source that is missing'; Plan = @{ jobs = @{ source = 'nowhere'; targets = '.' } }; Names = 'jobs\[0\]\.source' }
        @{ What = 'one set only'; Plan = @{ sets = 'SetA'; jobs = @() }; Names = 'sets' }
        @{ What = 'something that is no data'; Plan = @{ jobs = { 1 } }; Names = 'jobs' }
    ) {
        $before = Get-Fingerprint $box.Root
        $error_ = { Invoke-HvBackup $Plan } | Should -Throw -ErrorId 'HvBackup.BadPlan,HyperVBackup.Cmdlets.InvokeHvBackupCommand' -PassThru
        $error_.Exception.Message | Should -Match $Names
        $error_.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $error_.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-Fingerprint $box.Root | Should -Be $before
    }

    It 'fails when a target is missing: a result, and an error that is not terminating' {
        $result = Invoke-HvBackup -Source "$($box.C)/CFG" -Destination $box.D, "$($box.Root)/gone" -Provider copy -ErrorVariable errors -ErrorAction SilentlyContinue
        $result.Outcome | Should -Be 'Failed'
        $result.ExitCode | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.TargetMissing,HyperVBackup.Cmdlets.InvokeHvBackupCommand'
        $errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$($box.D)/Backup-SetA" | Should -Not -Exist
    }

    It 'ends with an error when the shadow set cannot be made, after the result' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $backup.Provider = 'vss'
        $error_ = { Invoke-HvBackup @backup -OutVariable script:result } | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,*' -PassThru
        $result.Outcome | Should -Be 'Failed'
        $error_.TargetObject.RunId | Should -Be $result[0].RunId
    }

    It 'refuses the sets of another plan until told to take them over' {
        $plan = @{ name = 'one'; jobs = @{ source = "$($box.C)/CFG"; targets = $box.D }; shadow = @{ provider = 'copy' } }
        $other = @{ name = 'two'; jobs = @{ source = "$($box.E)/DataVHD"; targets = $box.D }; shadow = @{ provider = 'copy' } }
        $null = Invoke-HvBackup $plan
        $null = Invoke-HvBackup $other -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.ForeignSet,*'
        (Invoke-HvBackup $other -TakeOver).Outcome | Should -Be 'Complete'
    }

    It 'tells its story with -Verbose' {
        $story = Invoke-HvBackup @backup -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message
        $story | Where-Object { $_ -like 'Writing SetA on *' } | Should -HaveCount 1
        $story | Where-Object { $_ -like 'Made the shadow set *' } | Should -HaveCount 1
        $story[-1] | Should -BeLike 'Committed SetA on *.'
        $story[-1] | Should -Not -BeLike '*partial*'
    }

    It 'leaves no shadow set, whoever stops the pipeline' {
        $null = Invoke-HvBackup @backup | Select-Object -First 1
        { Invoke-HvBackup @backup -Verbose 4>&1 | ForEach-Object { throw 'enough' } } | Should -Throw 'enough'
        Get-HvShadowSet | Should -BeNullOrEmpty
        Get-ChildItem $box.Root -Recurse -Force -Filter '.hvbackup*.lock' | Should -BeNullOrEmpty
    }
}

Describe 'Get-HvBackup' {
    BeforeAll {
        $box = New-TestHost "$TestDrive/get"; $backup = $box.Backup
        $null = Invoke-HvBackup @backup
        $null = Invoke-HvBackup @backup
    }

    It 'shows the sets of a target, the newest first' {
        $sets = Get-HvBackup -Path $box.D
        $sets.Name | Should -Be 'SetB', 'SetA'
        $sets.State | Should -Be 'Complete', 'Complete'
        $sets[0].Bytes | Should -BeGreaterThan 300KB
        $sets[0].Completed.Kind | Should -Be 'Utc'
    }

    It 'takes targets from the pipeline, by value, as folders and by property name' {
        ($box.D, $box.E | Get-HvBackup).Count | Should -Be 4
        (Get-Item $box.D, $box.E | Get-HvBackup).Count | Should -Be 4
        ([pscustomobject]@{ Target = $box.D } | Get-HvBackup).Count | Should -Be 2
    }

    It 'takes wildcards' {
        (Get-HvBackup "$($box.Root)/[DE]").Count | Should -Be 4
        (Get-HvBackup $box.D -Set *B).Set | Should -Be 'SetB'
    }

    It 'finds the one set of a set''s folder' {
        (Get-HvBackup "$($box.D)/Backup-SetA").Set | Should -Be 'SetA'
    }

    It 'goes on after a target that is missing' {
        $sets = Get-HvBackup "$($box.Root)/gone", $box.D -ErrorVariable errors -ErrorAction SilentlyContinue
        $sets.Count | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.TargetMissing,HyperVBackup.Cmdlets.GetHvBackupCommand'
    }

    It 'names the sets there are when one is not' {
        $error_ = { Get-HvBackup $box.D -Set SetX -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.SetMissing,*' -PassThru
        $error_.Exception.Message | Should -Match 'only SetB, SetA'
    }

    It 'can be stopped by the pipeline' {
        $box.D, $box.E | Get-HvBackup | Select-Object -First 1 | Should -HaveCount 1
    }
}

Describe 'Test-HvBackup' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $backup = $box.Backup
        $null = Invoke-HvBackup @backup
    }

    It 'finds a good set good' {
        $report = Test-HvBackup $box.D
        $report.IsGood | Should -BeTrue
        $report.ContentRead | Should -BeTrue
        $report.Files | Should -Be 3
    }

    It 'takes sets from the pipeline' {
        $reports = Get-HvBackup $box.D, $box.E | Test-HvBackup
        $reports.IsGood | Should -Be $true, $true
    }

    It 'reads no content with -Quick' {
        (Test-HvBackup $box.D -Quick).BytesRead | Should -Be 0
    }

    It 'names a damaged file and where it is damaged' {
        $disk = "$($box.D)/Backup-SetA/DataVHD/vm1-data.vhdx"
        $time = (Get-Item $disk).LastWriteTimeUtc
        $stream = [System.IO.File]::OpenWrite($disk)
        $stream.Position = 200KB
        $stream.WriteByte(1); $stream.WriteByte(2)
        $stream.Dispose()
        (Get-Item $disk).LastWriteTimeUtc = $time
        $report = Test-HvBackup $box.D -ErrorVariable errors -ErrorAction SilentlyContinue
        $report.IsGood | Should -BeFalse
        $report.Damages.File | Should -Contain 'DataVHD/vm1-data.vhdx'
        @($report.Damages | Where-Object Length -gt 0)[0].Offset | Should -BeLessOrEqual 200KB
        $errors.FullyQualifiedErrorId | Should -Contain 'HvBackup.BlockDamaged,HyperVBackup.Cmdlets.TestHvBackupCommand'
    }
}

Describe 'Restore-HvBackup' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $backup = $box.Backup
        $null = Invoke-HvBackup @backup
        $to = "$($box.Root)/restored"
    }

    It 'brings everything back' {
        $report = Restore-HvBackup -Path $box.E -Destination $to
        $report.FilesRestored | Should -Be 3
        $report.ExitCode | Should -Be 0
        Get-Content64 "$to/SystemVHD/vm1.vhdx" | Should -Be (Get-Content64 "$($box.D)/SystemVHD/vm1.vhdx")
    }

    It 'takes a set from the pipeline' {
        (Get-HvBackup $box.E | Restore-HvBackup -Destination $to).Set | Should -Be 'SetA'
    }

    It 'brings only back what -Include names' {
        (Restore-HvBackup $box.E $to -Include CFG/*.xml).FilesRestored | Should -Be 1
        Get-ChildItem $to -Recurse -File -Name | ForEach-Object { $_.Replace('\', '/') } | Should -Be 'CFG/vm1.xml'
    }

    It 'replaces nothing unless forced to' {
        $null = New-Item -ItemType Directory "$to/CFG" -Force
        Set-Content "$to/CFG/vm1.xml" 'mine'
        $report = Restore-HvBackup $box.E $to -ErrorVariable errors -ErrorAction SilentlyContinue
        $report.FilesRestored | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.DestinationExists,HyperVBackup.Cmdlets.RestoreHvBackupCommand'
        Get-Content "$to/CFG/vm1.xml" | Should -Be 'mine'
        (Restore-HvBackup $box.E $to -Force).FailureCount | Should -Be 0
        Get-Content "$to/CFG/vm1.xml" | Should -Be '<configuration/>'
    }

    It 'changes nothing with -WhatIf' {
        $before = Get-Fingerprint $box.Root
        Restore-HvBackup $box.E $to -WhatIf
        Get-Fingerprint $box.Root | Should -Be $before
    }

    It 'goes on after a set that cannot be restored' {
        $null = Restore-HvBackup $box.C $to -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.SetMissing,*'
    }
}

Describe 'A plan with keep' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"
        $plan = @{ name = 'nightly'; keep = @{ last = 2 }; shadow = @{ provider = 'copy' }; jobs = @{ source = "$($box.D)/SystemVHD"; targets = $box.E } }
    }

    It 'writes a new set each time, and removes what it does not keep' {
        $runs = 1..3 | ForEach-Object { Invoke-HvBackup -Plan $plan }
        $runs[2].Removed | Should -Be $runs[0].Set
        Get-HvBackup $box.E | ForEach-Object Set | Should -Be $runs[2].Set, $runs[1].Set
    }

    It 'says with -WhatIf which sets would go' {
        $first = (Invoke-HvBackup -Plan $plan).Set
        $null = Invoke-HvBackup -Plan $plan
        $file = "$($box.Root)/plan.json"
        $plan | ConvertTo-Json -Depth 5 | Set-Content $file
        $said = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command "Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; Invoke-HvBackup -Plan '$file' -WhatIf" | Out-String -Width 1000
        $said | Should -Match "Then $first would be removed"
        (Get-HvBackup $box.E).Count | Should -Be 2
    }

    It 'is pruned by hand with Remove-HvBackup' {
        $plan.keep.last = 9
        $runs = 1..4 | ForEach-Object { Invoke-HvBackup -Plan $plan }
        $plan.keep.last = 2
        Remove-HvBackup -Plan $plan -WhatIf
        (Get-HvBackup $box.E).Count | Should -Be 4
        $result = Remove-HvBackup -Plan $plan -Confirm:$false
        $result.Removed | Should -Be $runs[0].Set, $runs[1].Set
        $result.ExitCode | Should -Be 0
        Get-HvBackup $box.E | ForEach-Object Set | Should -Be $runs[3].Set, $runs[2].Set
    }

    It 'is refused by Remove-HvBackup when it has no keep' {
        $plan.Remove('keep')
        { Remove-HvBackup -Plan $plan -Confirm:$false -ErrorAction Stop } | Should -Throw '*keep*it is missing*'
    }

    It 'measures what sets take' {
        $null = Invoke-HvBackup -Plan $plan
        (Get-HvBackup $box.E).OwnBytes | Should -BeNullOrEmpty
        $set = Get-HvBackup $box.E -IncludeSharedSize
        if ($null -eq $set.OwnBytes) { Set-ItResult -Skipped -Because 'this file system does not tell who uses its blocks' }
        $set.OwnBytes + $set.SharedBytes | Should -BeGreaterOrEqual $set.Bytes
    }
}
