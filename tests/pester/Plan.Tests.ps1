BeforeAll { . $PSScriptRoot/TestHost.ps1 }

Describe 'New-HvBackupPlan' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $from = @{ Source = $box.Backup.Source; Destination = $box.Backup.Destination; Provider = 'copy' } }

    It 'makes the crosswise plan of folders' {
        $plan = New-HvBackupPlan @from
        $plan.Name | Should -Be 'ad-hoc'
        $plan.Sets | Should -Be 'SetA', 'SetB'
        $plan.Jobs.Count | Should -Be 3
        $plan.Jobs[0].Targets | Should -Be $box.D, $box.E
        $plan.Jobs[1].Targets | Should -Be $box.E
        $plan.Jobs[2].Targets | Should -Be $box.D
    }

    It 'takes folders from the pipeline, and wildcards' {
        (Get-Item $from.Source | New-HvBackupPlan -Destination $from.Destination).Jobs.Count | Should -Be 3
        (New-HvBackupPlan -Source "$($box.D)/System*" -Destination $box.E).Jobs.Source | Should -BeLike '*SystemVHD'
    }

    It 'makes plans that Invoke-HvBackup runs, from the pipeline, by parameter, and after a journey' {
        (New-HvBackupPlan @from | Invoke-HvBackup).Set | Should -Be 'SetA'
        $plan = New-HvBackupPlan @from -Verify -TimeoutMinutes 3
        (Invoke-HvBackup -Plan $plan).Set | Should -Be 'SetB'
        $plan | Export-Clixml "$($box.Root)/plan.xml"
        $copy = Import-Clixml "$($box.Root)/plan.xml"
        (Invoke-HvBackup $copy).Set | Should -Be 'SetA'
        $remoted = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($plan, 1))
        (Test-HvBackupPlan $remoted).Problems | Should -BeNullOrEmpty
        $remoted.Sets = @('one')
        (Test-HvBackupPlan $remoted).Problems.Property | Should -Be 'sets'
    }

    It 'writes a file that is read the same, with its name and its schema' {
        $file = New-HvBackupPlan @from -Path "$($box.Root)/nightly.json" -Sets Mon, Tue, Wed -Verify -MaxBytesPerSecond 100MB -KeepLogs 5 -NoPrivateSets -Retries 0 -Exclude *.iso
        $file | Should -BeOfType System.IO.FileInfo
        $json = Get-Content $file -Raw | ConvertFrom-Json
        $json.name | Should -Be 'nightly'
        $json.sets | Should -Be 'Mon', 'Tue', 'Wed'
        ([uri]$json.'$schema').LocalPath | Should -Exist
        ($json.verify, $json.maxBytesPerSecond, $json.keepLogs, $json.privateSets, $json.shadow.retries) | Should -Be $true, 100MB, 5, $false, 0
        $json.jobs.exclude | Should -Be '*.iso', '*.iso', '*.iso'
        ($file | Test-HvBackupPlan).Plan | Should -Be 'nightly'
        ($file | Invoke-HvBackup).Outcome | Should -Be 'Complete'
        "$($box.E)/Backup-Mon/SystemVHD/vm1.vhdx" | Should -Exist
    }

    It 'replaces a file only when told to' {
        Set-Content "$($box.Root)/p.json" 'mine'
        { New-HvBackupPlan @from -Path "$($box.Root)/p.json" } | Should -Throw -ErrorId 'HvBackup.DestinationExists,*'
        Get-Content "$($box.Root)/p.json" | Should -Be 'mine'
        New-HvBackupPlan @from -Path "$($box.Root)/p.json" -Force -Name other | Should -Exist
        (Get-Content "$($box.Root)/p.json" -Raw | ConvertFrom-Json).name | Should -Be 'other'
    }

    It 'takes a rule of what to keep instead of sets, as a hashtable or as text' {
        $plan = New-HvBackupPlan @from -Keep @{ last = 2; Daily = 3 } -NoShare -NoEventLog
        "$($plan.Keep)" | Should -Be 'last=2,daily=3'
        ($plan.ShareBlocks, $plan.EventLog) | Should -Be $false, $false
        "$((New-HvBackupPlan @from -Keep 'last=2,daily=3').Keep)" | Should -Be 'last=2,daily=3'
        (New-HvBackupPlan @from -Sets 14).Sets.Count | Should -Be 14
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($plan, 1))
        $check = Test-HvBackupPlan $copy
        $check.Problems | Should -BeNullOrEmpty
        $check.Set | Should -Match '^\d{4}-\d\d-\d\d_\d{4}$'
        { New-HvBackupPlan @from -Keep 'hourly=2' } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
        { New-HvBackupPlan @from -Keep 'last=2' -Sets A, B } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
    }

    It 'writes nothing with -WhatIf' {
        New-HvBackupPlan @from -Path "$($box.Root)/p.json" -WhatIf
        "$($box.Root)/p.json" | Should -Not -Exist
    }

    It 'takes a command as a path with its arguments behind it, or as a hashtable' {
        [System.IO.File]::WriteAllText("$($box.Root)/alarm.sh", '')
        if (-not $IsWindows -and $PSVersionTable.PSEdition -eq 'Core') { chmod 755 $box.Root "$($box.Root)/alarm.sh" }
        $plan = New-HvBackupPlan @from -OnFailure "$($box.Root)/alarm.sh", '--to', 'admin' -OnSuccess @{ command = "$($box.Root)/alarm.sh"; timeoutSeconds = 5 }
        $plan.OnFailure.Command | Should -BeLike '*alarm.sh'
        $plan.OnFailure.Arguments | Should -Be '--to', 'admin'
        $plan.OnSuccess.Timeout.TotalSeconds | Should -Be 5
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($plan, 1))
        (Test-HvBackupPlan $copy).Problems | Should -BeNullOrEmpty
    }

    It 'refuses what a run would refuse: <What>' -ForEach @(
        @{ What = 'one set'; With = @{ Sets = 'one' }; Says = 'sets: a plan needs at least two sets' }
        @{ What = 'a command that is not there'; With = @{ OnFailure = '/no/such/tool' }; Says = 'onFailure.command: ' }
        @{ What = 'a misspelt command'; With = @{ OnFailure = @{ comand = 'x' } }; Says = "did you mean 'command'" }
        @{ What = 'an empty pattern'; With = @{ Include = '' }; Says = 'an empty pattern matches nothing' }
    ) {
        $error_ = { New-HvBackupPlan @from @With -Path "$($box.Root)/p.json" } | Should -Throw -ErrorId 'HvBackup.BadPlan,HyperVBackup.Cmdlets.NewHvBackupPlanCommand' -PassThru
        $error_.Exception.Message | Should -BeLike "*$Says*"
        "$($box.Root)/p.json" | Should -Not -Exist
    }

    It 'says where there is no Hyper-V what to name instead' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $error_ = { New-HvBackupPlan } | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,*' -PassThru
        $error_.ErrorDetails.RecommendedAction | Should -BeLike 'Name the folders to copy with -Source*'
    }
}

Describe 'Test-HvBackupPlan' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"
        $plan = New-HvBackupPlan -Source $box.Backup.Source -Destination $box.Backup.Destination -Provider copy
    }

    It 'shows what a run would do, and touches nothing' {
        $null = Invoke-HvBackup $plan
        $before = Get-Fingerprint $box.Root
        $check = Test-HvBackupPlan $plan
        Get-Fingerprint $box.Root | Should -Be $before
        $check.IsValid | Should -BeTrue
        $check.Fits | Should -BeTrue
        ($check.Set, $check.Keeps, $check.Provider, $check.Consistency) | Should -Be 'SetB', 'SetA', 'copy', 'None'
        $check.Sources.Files | Should -Be 2, 1, 1
        $check.Targets.Target | Should -Be $box.D, $box.E
        $check.Targets[0].NeededBytes | Should -BeGreaterThan 300KB
    }

    It 'reports a plan that is wrong and goes on with the next' {
        Set-Content "$($box.Root)/bad.json" '{ "jbos": [] }'
        Set-Content "$($box.Root)/worse.json" '{'
        $checks = Get-Item "$($box.Root)/bad.json", "$($box.Root)/worse.json" | Test-HvBackupPlan -ErrorVariable errors
        $errors | Should -BeNullOrEmpty
        $checks.IsValid | Should -Be $false, $false
        $checks.ExitCode | Should -Be 2, 2
        $checks[0].Problems[0].Property | Should -Be 'jbos'
        $checks[0].Problems[0].Message | Should -Match "did you mean 'jobs'"
        $checks[1].Problems[0].Property | Should -Be '(file)'
    }

    It 'has an error for a file that cannot be read, and goes on' {
        $checks = "$($box.Root)/no.json", $plan | Test-HvBackupPlan -ErrorVariable errors -ErrorAction SilentlyContinue
        $checks.Plan | Should -Be 'ad-hoc'
        $errors[0].FullyQualifiedErrorId | Should -Be 'HvBackup.BadPlan,HyperVBackup.Cmdlets.TestHvBackupPlanCommand'
        $errors[0].Exception.Message | Should -Match 'there is no such file'
    }

    It 'finds a target that is missing' {
        Remove-Item $box.E -Recurse
        $null = New-Item -ItemType Directory "$($box.Root)/E2/DataVHD"
        $check = Test-HvBackupPlan @{ jobs = @{ source = "$($box.C)/CFG"; targets = $box.D, $box.E }; shadow = @{ provider = 'copy' } }
        $check.Problems.Property | Should -Be 'jobs[0].targets[1]'
    }

    It 'has views that fit 80 columns, and survives serialisation' {
        $check = Test-HvBackupPlan $plan
        foreach ($text in ($check | Out-String -Width 80), ($check.Targets | Out-String -Width 80), ($check.Sources | Out-String -Width 80), ($plan | Out-String -Width 80), ([HyperVBackup.Plans.PlanProblem]::new('a', 'b' * 100) | Out-String -Width 80)) {
            $text.Trim() | Should -Not -BeNullOrEmpty
            ($text -split "`r?`n" | ForEach-Object { $_ -replace "$([char]27)\[[0-9;]*m" } | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        }
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($check, 1))
        $copy.Targets.NeededBytes | Should -Be $check.Targets.NeededBytes
        ($copy.Consistency, $copy.IsValid, $copy.Sources[0].Source) | Should -Be 'None', $true, $check.Sources[0].Source
    }
}

Describe 'Invoke-HvBackup and its pipeline' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())" }

    It 'runs each plan that comes through it' {
        $plans = 'one', 'two' | ForEach-Object { New-HvBackupPlan -Name $_ -Source "$($box.C)/CFG" -Destination $box.D -Provider copy -Sets "$_-A", "$_-B" }
        $plans | Invoke-HvBackup | ForEach-Object Set | Should -Be 'one-A', 'two-A'
    }

    It 'runs nothing, with an error, when no plan comes' {
        { @() | Invoke-HvBackup -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
    }

    It 'still takes folders from it when a destination is named' {
        ($box.Backup.Source | Invoke-HvBackup -Destination $box.D, $box.E -Provider copy).Jobs.Count | Should -Be 4
    }
}
