BeforeAll {
    . $PSScriptRoot/TestHost.ps1
    $box = New-TestHost "$TestDrive/console"; $backup = $box.Backup
    $null = Invoke-HvBackup @backup
    function Get-Said([scriptblock] $Script, [type] $Kind) { & $Script 4>&1 5>&1 | Where-Object { $_ -is $Kind } | ForEach-Object Message }
}

Describe '-Verbose tells the story of' {
    BeforeAll { $verbose = [System.Management.Automation.VerboseRecord] }

    It 'a verification' {
        $said = Get-Said { Test-HvBackup $box.D -Verbose } $verbose
        $said -join ' ' | Should -BeLike "Checking *Backup-SetA: 3 files, *of run 1 of the plan 'ad-hoc'. Read *; everything is as it was written."
    }

    It 'a mirror' {
        $said = Get-Said { Copy-HvMirror $box.C "$($box.Root)/mirror" -Verbose } $verbose
        $said | Should -Contain 'Copied 2 files, left 0 as they were, deleted 0; wrote 35 B.'
    }

    It 'a look at a target without sets' {
        Get-Said { Get-HvBackup $box.C -Verbose } $verbose | Should -Be "There are no sets on $($box.C)."
    }
}

Describe '-Debug' {
    BeforeAll { $debug = [System.Management.Automation.DebugRecord] }

    It 'tells the calls that are made' {
        $DebugPreference = 'Continue'
        $calls = Get-Said { Copy-HvMirror $box.C "$($box.Root)/traced" } $debug
        $calls | Should -Contain "CreateFolder $("$($box.Root)/traced" | Convert-Path)"
        $calls | Where-Object { $_ -like 'Create *' } | Should -HaveCount 2
        $calls | Where-Object { $_ -like 'Rename * to *vm1.xml' } | Should -HaveCount 1
    }

    It 'is silent unless it is asked for' {
        Get-Said { Copy-HvMirror $box.C "$($box.Root)/quiet" } $debug | Should -BeNullOrEmpty
        Get-Said { Copy-HvMirror $box.C "$($box.Root)/quiet" -Debug:$false } $debug | Should -BeNullOrEmpty
    }
}

Describe 'Completion' {
    It 'knows the location of the shell, which is not that of the process' {
        Push-Location $box.C
        try { (TabExpansion2 'Test-HvBackup ../D -Set ' 24).CompletionMatches.CompletionText | Should -Be 'SetA' }
        finally { Pop-Location }
    }

    It 'offers folders where disks are wanted' {
        $line = "Get-HvBackup $($box.Root)/"
        (TabExpansion2 $line $line.Length).CompletionMatches.ListItemText | Should -Contain 'E'
        (TabExpansion2 $line $line.Length).CompletionMatches.ListItemText | Should -Contain 'D'
    }

    It 'offers the files of plans' {
        Set-Content "$($box.Root)/nightly.json" '{}'
        $line = "Test-HvBackupPlan $($box.Root)/ni"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -BeLike '*nightly.json*'
    }
}

Describe 'Views' {
    It 'say when a set was completed, in the list too' {
        Get-HvBackup $box.D | Format-List | Out-String -Width 80 | Should -Match 'Completed\s+: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, (just now|\d+ min ago)'
    }

    It 'count one file as one' {
        (Test-HvBackupPlan (New-HvBackupPlan -Source "$($box.D)/SystemVHD" -Destination $box.E -Provider copy)) | Out-String -Width 200 | Should -Match 'SystemVHD: 1 file, 300 KB'
    }

    It 'show a written plan as the file it is' {
        $file = New-HvBackupPlan -Source "$($box.D)/SystemVHD" -Destination $box.E -Path "$($box.Root)/written.json"
        $file.Length | Should -BeGreaterThan 100
        $file.PSPath | Should -Not -BeNullOrEmpty
    }

    It 'have scripts that run, every one of them' {
        # An error in a view is swallowed: the line is just empty.
        foreach ($thing in (Get-HvBackup $box.D), (Test-HvBackup $box.D), (New-HvBackupPlan -Source $box.C -Destination $box.D), (Test-HvBackupPlan @{ jobs = @{ source = $box.C; targets = $box.D }; shadow = @{ provider = 'copy' } }), (Copy-HvMirror $box.C "$($box.Root)/mirror")) {
            foreach ($view in { $thing }, { $thing | Format-List }, { $thing | Format-Table }) {
                $Error.Clear()
                & $view | Out-String -Width 80 | Should -Not -BeNullOrEmpty
                $Error | Should -BeNullOrEmpty
            }
        }
    }

    It 'have colours only where they are shown' {
        $see = { param($set) & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command "Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; $set Get-HvBackup '$($box.D)' | Out-String -Width 80" | Out-String }
        & $see '' | Should -Not -Match ([char]27)
        if ($PSVersionTable.PSEdition -eq 'Core') { & $see "`$PSStyle.OutputRendering = 'Ansi';" | Should -Match "$([char]27)\[32mComplete" }
    }
}

Describe 'Without Hyper-V' {
    It 'Get-HvVirtualMachine says what it needs' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $error_ = { Get-HvVirtualMachine -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,*' -PassThru
        $error_.Exception.Message | Should -Match 'exists on Windows only'
    }
}
