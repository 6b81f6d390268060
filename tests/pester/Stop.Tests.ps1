BeforeAll {
    . $PSScriptRoot/TestHost.ps1

    # A run in a shell of its own inside this process, which can be stopped as Ctrl+C stops it.
    function Start-Run([string] $Script) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; `$VerbosePreference = 'Continue'; $Script")
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $empty = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $empty.Complete()
        [pscustomobject]@{ Shell = $shell; Output = $output; Handle = $shell.BeginInvoke($empty, $output) }
    }

    # Waits for a line of the run's story; the limit only keeps a broken run from holding up the tests.
    function Wait-Story($Run, [string] $Like) {
        $limit = [System.Diagnostics.Stopwatch]::StartNew()
        while (-not ($Run.Shell.Streams.Verbose.Message -like $Like)) {
            if ($Run.Handle.IsCompleted -or $limit.Elapsed.TotalSeconds -gt 60) { throw "The run never said '$Like': $($Run.Shell.Streams.Error) $($Run.Shell.Streams.Verbose)" }
            [System.Threading.Thread]::Yield() | Out-Null
        }
    }
}

Describe 'Stopping' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $backup = $box.Backup }

    It 'a backup ends it within seconds, leaves no shadow set and no lock, and the good set as it was' {
        $null = Invoke-HvBackup @backup
        $good = Get-Fingerprint "$($box.D)/Backup-SetA"
        Write-TestDisk "$($box.E)/DataVHD/vm1-data.vhdx" 3 16MB
        $run = Start-Run "Invoke-HvBackup -Source '$($box.E)/DataVHD' -Destination '$($box.D)' -Provider copy -MaxBytesPerSecond 1MB"
        Wait-Story $run 'Copying *'
        $time = [System.Diagnostics.Stopwatch]::StartNew()
        $run.Shell.Stop()
        $time.Elapsed.TotalSeconds | Should -BeLessThan 10
        Get-HvShadowSet | Should -BeNullOrEmpty
        Get-ChildItem "$($box.Root)/state/shadows" | Should -BeNullOrEmpty
        Get-ChildItem $box.D -Force -Filter *.lock | Should -BeNullOrEmpty
        # Other folders, and nobody gave them a name: a set of their own.
        (Get-HvBackup $box.D -Set SetC).State | Should -Be 'Writing'
        Get-Fingerprint "$($box.D)/Backup-SetA" | Should -Be $good
        (Invoke-HvBackup -Source "$($box.E)/DataVHD" -Destination $box.D -Provider copy).Set | Should -Be 'SetC'
    }

    It 'a backup says on the console what became of it' {
        Write-TestDisk "$($box.E)/DataVHD/vm1-data.vhdx" 3 16MB
        $code = "
            `$runspace = [runspacefactory]::CreateRunspace(`$Host); `$runspace.Open()
            `$shell = [powershell]::Create(`$runspace)
            `$null = `$shell.AddScript(`"Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; ```$VerbosePreference = 'Continue'; Invoke-HvBackup -Source '$($box.E)/DataVHD' -Destination '$($box.D)' -Provider copy -MaxBytesPerSecond 1MB`")
            `$run = `$shell.BeginInvoke()
            while (-not (`$shell.Streams.Verbose.Message -like 'Copying *') -and -not `$run.IsCompleted) { }
            `$shell.Stop()"
        $said = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command $code | Out-String -Width 500
        $said | Should -Match 'Cancelled\. SetA is incomplete, and the next run writes it first\. No other set was touched\.'
    }

    It 'a mirror and running it again makes it whole' {
        Write-TestDisk "$($box.D)/SystemVHD/vm1.vhdx" 4 16MB
        $run = Start-Run "Copy-HvMirror '$($box.D)/SystemVHD' '$($box.E)/mirror' -MaxBytesPerSecond 1MB -Verbose"
        $limit = [System.Diagnostics.Stopwatch]::StartNew()
        while (-not (Test-Path "$($box.E)/mirror") -and $limit.Elapsed.TotalSeconds -lt 60) { [System.Threading.Thread]::Yield() | Out-Null }
        $run.Shell.Stop()
        (Copy-HvMirror "$($box.D)/SystemVHD" "$($box.E)/mirror").Outcome | Should -Be 'Complete'
        Get-ChildItem "$($box.E)/mirror" -Force -Name | Should -Be 'vm1.vhdx'
        Get-Content64 "$($box.E)/mirror/vm1.vhdx" | Should -Be (Get-Content64 "$($box.D)/SystemVHD/vm1.vhdx")
    }

    It 'by a preference that says Stop ends the run as well, and leaves nothing' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $backup.Remove('Provider')
        { Invoke-HvBackup @backup -Verbose -WarningAction Stop 4>$null } | Should -Throw
        Get-HvShadowSet | Should -BeNullOrEmpty
    }
}

Describe 'Progress' {
    It 'is shown while a run goes on, and completed' {
        $box = New-TestHost "$TestDrive/progress"
        Write-TestDisk "$($box.D)/SystemVHD/vm1.vhdx" 4 8MB
        $run = Start-Run "`$ProgressPreference = 'Continue'; Invoke-HvBackup -Source '$($box.D)/SystemVHD' -Destination '$($box.E)' -Provider copy -MaxBytesPerSecond 1MB"
        $null = $run.Shell.EndInvoke($run.Handle)
        $records = @($run.Shell.Streams.Progress | Where-Object Activity -NotLike 'Preparing modules*')
        $bars = $records | Group-Object ActivityId
        $bars.Name | Sort-Object | Should -Be '0', '1', '2'
        foreach ($bar in $bars) { "$($bar.Group[-1].RecordType)" | Should -Be 'Completed' }
        $top = @($records | Where-Object { $_.ActivityId -eq 0 -and $_.RecordType -eq 'Processing' -and $_.StatusDescription -like 'copying:*' })
        $top[-1].StatusDescription | Should -Match '^copying: [\d.]+ MB of 8.0 MB, [\d.]+ [KM]B/s$'
        $top[-1].PercentComplete | Should -BeGreaterThan 0
        ($records | Where-Object ActivityId -eq 1)[0].ParentActivityId | Should -Be 0
        $file = @($records | Where-Object { $_.ActivityId -eq 2 -and $_.RecordType -eq 'Processing' })[-1]
        $file.ParentActivityId | Should -Be 1
        $file.Activity | Should -Be 'vm1.vhdx'
        $file.StatusDescription | Should -Match '^[\d.]+ MB of 8.0 MB$'
        $run.Output[0].Outcome | Should -Be 'Complete'
    }
}

Describe 'A shell nobody sits at' {
    It 'runs a backup without asking, and ends with its exit code' {
        $box = New-TestHost "$TestDrive/unattended"
        "{ `"name`": `"n`", `"jobs`": [ { `"source`": `"C/CFG`", `"targets`": `"D`" } ], `"shadow`": { `"provider`": `"copy`" } }" | Set-Content "$($box.Root)/plan.json"
        $run = { param($plan) & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command "Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; exit (Invoke-HvBackup '$plan').ExitCode" *>$null; $LASTEXITCODE }
        & $run "$($box.Root)/plan.json" | Should -Be 0
        Remove-Item $box.D -Recurse -Force
        & $run "$($box.Root)/plan.json" | Should -Be 1
    }
}
