BeforeAll { . $PSScriptRoot/TestHost.ps1 }

Describe 'Invoke-HvBackup -OnSuccess, -OnFailure' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"
        $backup = @{ Source = "$($box.C)/CFG"; Destination = $box.D; Provider = 'copy' }
        $told = [System.Collections.Generic.List[object]]::new()
        $onSuccess = { $told.Add("success $($_.Set)") }
        $onFailure = { $told.Add("failure $($_.Outcome) $($_.ExitCode) $($_.Failures[0].Kind)") }
    }

    It 'gives the result of a success to the one, as $_ and as its argument, and not to the other' {
        $result = Invoke-HvBackup @backup -OnSuccess { param($run) $told.Add($_); $told.Add($run) } -OnFailure $onFailure
        $told.Count | Should -Be 2
        $told[0].RunId | Should -Be $result.RunId
        $told[1].RunId | Should -Be $result.RunId
        @($result).Count | Should -Be 1
    }

    It 'gives the result of a failure to the other' {
        Remove-Item $box.D -Recurse
        $null = Invoke-HvBackup @backup -OnSuccess $onSuccess -OnFailure $onFailure -ErrorAction SilentlyContinue
        $told | Should -Be 'failure Failed 1 TargetMissing'
    }

    It 'tells of a shadow set that cannot be made, although that ends the cmdlet' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $backup.Provider = 'vss'
        { Invoke-HvBackup @backup -OnFailure $onFailure } | Should -Throw -ErrorId 'HvBackup.ProviderUnavailable,*'
        $told | Should -Be 'failure Failed 1 ProviderUnavailable'
    }

    It 'tells of a plan that is refused, with its exit code' {
        { Invoke-HvBackup "$($box.Root)/none.json" -OnFailure $onFailure } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
        { Invoke-HvBackup @{ jobs = @{ source = "$($box.C)/none"; targets = $box.D } } -OnFailure $onFailure } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
        $told | Should -Be 'failure Failed 2 BadPlan', 'failure Failed 2 BadPlan'
    }

    It 'tells even when errors are to stop everything, and when nobody takes the result' {
        Remove-Item $box.D -Recurse
        { Invoke-HvBackup @backup -OnFailure $onFailure -ErrorAction Stop } | Should -Throw
        $null = New-Item -ItemType Directory $box.D
        $null = Invoke-HvBackup @backup -OnSuccess $onSuccess | Select-Object -First 1
        $told | Should -Be 'failure Failed 1 TargetMissing', 'success SetA'
    }

    It 'calls nothing with -WhatIf' {
        Invoke-HvBackup @backup -WhatIf -OnSuccess $onSuccess -OnFailure $onFailure
        { Invoke-HvBackup "$($box.Root)/none.json" -WhatIf -OnFailure $onFailure } | Should -Throw
        $told.Count | Should -Be 0
    }

    It 'makes a warning of <What>, and of nothing else anything' -ForEach @(
        @{ What = 'an exception'; Block = { throw 'no mail today' }; Says = 'no mail today' }
        @{ What = 'a command that is not there'; Block = { Send-NoMail }; Says = 'Send-NoMail' }
        @{ What = 'a method that throws'; Block = { [int]::Parse('x') }; Says = "'x'|format" }
        @{ What = 'exit'; Block = { exit 7 }; Says = 'Exit' }
    ) {
        $result = Invoke-HvBackup @backup -OnSuccess $Block -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable errors
        $result.Outcome | Should -Be 'Complete'
        $result.ExitCode | Should -Be 0
        $errors | Should -BeNullOrEmpty
        @($warnings).Count | Should -Be 1
        $warnings[0].Message | Should -Match '^The script block of -OnSuccess failed: '
        $warnings[0].Message | Should -Match $Says
        $warnings[0].Message | Should -Match 'The backup itself is not affected\.$'
    }

    It 'goes on after an error that does not end the block, which is a warning as well' {
        $block = { $ErrorActionPreference = 'Continue'; Write-Error 'no mail today'; $told.Add('went on') }
        $result = Invoke-HvBackup @backup -OnSuccess $block -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable errors
        $result.ExitCode | Should -Be 0
        $errors | Should -BeNullOrEmpty
        @($warnings).Count | Should -Be 1
        $warnings[0].Message | Should -Match 'failed: no mail today\. The backup itself'
        $told | Should -Be 'went on'
    }

    It 'shows what it writes with -Verbose, and not among the results' {
        $said = Invoke-HvBackup @backup -OnSuccess { 'mail sent'; 42 } -Verbose 4>&1
        @($said | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).Count | Should -Be 1
        $said | ForEach-Object { "$_" } | Should -Contain '  mail sent'
        $said | ForEach-Object { "$_" } | Should -Contain '  42'
    }

    It 'is called when the locks are free: it may start another run' {
        $result = Invoke-HvBackup @backup -OnSuccess { $told.Add((Invoke-HvBackup @backup)) }
        $result.Set, $told[0].Set | Should -Be 'SetA', 'SetB'
    }

    It 'works where nobody sits, and exit in it does not end the shell' {
        $code = "
            Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking
            `$result = Invoke-HvBackup -Source '$($backup.Source)' -Destination '$($backup.Destination)' -Provider copy -OnSuccess { [System.IO.File]::WriteAllText('$($box.Root)/told', `$_.Set); exit 9 }
            exit `$result.ExitCode"
        $null = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command $code 3>&1
        $LASTEXITCODE | Should -Be 0
        Get-Content "$($box.Root)/told" | Should -Be 'SetA'
    }
}

Describe 'Being told by the system' {
    It 'has a plan that can do without it' {
        $box = New-TestHost "$TestDrive/events"
        $plan = @{ name = 'quiet'; eventLog = $false; jobs = @{ source = "$($box.C)/CFG"; targets = $box.D }; shadow = @{ provider = 'copy' } }
        (Invoke-HvBackup $plan).Outcome | Should -Be 'Complete'
        $plan.eventLog = 'never'
        { Invoke-HvBackup $plan } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
    }
}
