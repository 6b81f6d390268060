BeforeAll { . $PSScriptRoot/TestHost.ps1 }

Describe 'Export-HvBackupReport' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $backup = $box.Backup; $file = "$($box.Root)/report.html" }

    It 'writes a page of the runs of this host, and nothing to the pipeline' {
        1..2 | ForEach-Object { $null = Invoke-HvBackup @backup }
        Export-HvBackupReport $file | Should -BeNullOrEmpty
        $page = [xml](Get-Content -LiteralPath $file -Raw)
        $page.html.body.header.div.h1 | Should -BeLike 'Backups of *'
        ($page.html.body.main.section | Where-Object class -like '*items*').table.tbody.tr | Should -HaveCount 3
        Get-ChildItem -LiteralPath $box.Root -Force -Filter '.hvbackup-tmp*' | Should -BeNullOrEmpty
    }

    It 'looks at targets, given or from the pipeline, once each' {
        $null = Invoke-HvBackup @backup
        Export-HvBackupReport $file -Target $box.D, "$($box.E)/Backup-SetA"
        Get-Content -LiteralPath $file -Raw | Should -Match 'On the targets now'
        Get-HvBackup $box.D, $box.E | Export-HvBackupReport $file
        $page = [xml](Get-Content -LiteralPath $file -Raw)
        ($page.html.body.main.section | Where-Object class -like '*targets*').div | Where-Object class -eq 'target' | Should -HaveCount 2
        Remove-Item "$($box.D)/Backup-SetA" -Recurse -Force
        Get-Item $box.D, $box.E | Export-HvBackupReport $file
        (Get-Content -LiteralPath $file -Raw) | Should -Match 'is not there any more'
    }

    It 'has commands that restore when they are run as they are written' {
        $null = Invoke-HvBackup @backup
        Export-HvBackupReport $file -Target $box.D, $box.E
        $commands = @([regex]::Matches([System.Net.WebUtility]::HtmlDecode((Get-Content -LiteralPath $file -Raw)), '(?<=<pre><code>)Restore-HvBackup [^<]+').Value)
        $commands.Count | Should -BeGreaterOrEqual 6
        $null = New-Item -ItemType Directory "$($box.Root)/here"
        foreach ($command in $commands) {
            Push-Location -LiteralPath "$($box.Root)/here"
            try { (Invoke-Expression $command).FilesRestored | Should -BeGreaterThan 0 } finally { Pop-Location }
            Remove-Item "$($box.Root)/here/Restored" -Recurse
        }
    }

    It 'warns of a target that is not there, and writes the page all the same' {
        $null = Invoke-HvBackup @backup
        Export-HvBackupReport $file -Target "$($box.Root)/nowhere" -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1
        "$($warnings[0])" | Should -BeLike '*nowhere*there is no such folder*'
        $file | Should -Exist
    }

    It 'counts and names files of the history that are damaged' {
        $null = Invoke-HvBackup @backup
        $name = "20250101T000000Z-$([guid]::NewGuid().ToString('N')).json"
        Set-Content -LiteralPath "$env:HVBACKUP_STATE/runs/$name" '{ torn'
        Export-HvBackupReport $file -WarningVariable warnings -WarningAction SilentlyContinue
        "$($warnings[0])" | Should -BeLike '1 of the files in *'
        (Get-Content -LiteralPath $file -Raw) | Should -Match $name
    }

    It 'says what to do when there is no history' {
        Export-HvBackupReport $file
        (Get-Content -LiteralPath $file -Raw) | Should -Match 'No backups yet'
    }

    It 'takes an age of <Age> for <Days> days' -ForEach @(
        @{ Age = 2; Days = 2 }, @{ Age = 1.5; Days = '36 h' }, @{ Age = '36h'; Days = '36 h' }, @{ Age = '5'; Days = '5 d' }, @{ Age = [timespan]::FromDays(3); Days = '3 d' }, @{ Age = '1.12:00:00'; Days = '36 h' }
    ) {
        $null = Invoke-HvBackup @backup
        Export-HvBackupReport $file -StaleAfter $Age
        (Get-Content -LiteralPath $file -Raw) | Should -Match "have a copy newer than $Days"
    }

    It 'refuses an age or a number of runs that makes no sense' {
        { Export-HvBackupReport $file -StaleAfter soon } | Should -Throw "*'soon' is no age; write days, as 2 or 1.5*"
        { Export-HvBackupReport $file -StaleAfter 0 } | Should -Throw -ErrorId 'HvBackup.BadPlan,*'
        { Export-HvBackupReport $file -Last 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        $file | Should -Not -Exist
    }

    It 'shows as many runs as asked for' {
        1..3 | ForEach-Object { $null = Invoke-HvBackup @backup }
        Export-HvBackupReport $file -Last 2
        (Get-Content -LiteralPath $file -Raw) | Should -Match 'The last 2 runs'
    }

    It 'has the title that it is given, whatever it holds' {
        Export-HvBackupReport $file -Title '<b>Backups & "more"</b>'
        ([xml](Get-Content -LiteralPath $file -Raw)).html.head.title | Should -Be '<b>Backups & "more"</b>'
    }

    It 'gives the file with -PassThru' {
        $written = Export-HvBackupReport $file -PassThru
        $written | Should -BeOfType System.IO.FileInfo
        $written.FullName | Should -Be (Get-Item -LiteralPath $file).FullName
    }

    It 'takes a path relative to where the shell is, with brackets in it' {
        Push-Location -LiteralPath $box.Root
        try { Export-HvBackupReport 'report [1].html' } finally { Pop-Location }
        Get-ChildItem -LiteralPath $box.Root -Name | Should -Contain 'report [1].html'
    }

    It 'replaces a file, but not with -NoClobber' {
        Set-Content -LiteralPath $file old
        { Export-HvBackupReport $file -NoClobber -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.DestinationExists,*'
        Get-Content -LiteralPath $file | Should -Be old
        Export-HvBackupReport $file
        Get-Content -LiteralPath $file -TotalCount 1 | Should -Be '<!DOCTYPE html>'
    }

    It 'replaces a read-only file only with -Force' {
        Set-Content -LiteralPath $file old
        Set-ItemProperty -LiteralPath $file IsReadOnly $true
        { Export-HvBackupReport $file } | Should -Throw -ErrorId 'HvBackup.AccessDenied,*'
        Export-HvBackupReport $file -Force
        Get-Content -LiteralPath $file -TotalCount 1 | Should -Be '<!DOCTYPE html>'
        Set-ItemProperty -LiteralPath $file IsReadOnly $false
    }

    It 'refuses a folder, and one that is not there' {
        { Export-HvBackupReport $box.D } | Should -Throw -ErrorId 'HvBackup.DestinationExists,*'
        { Export-HvBackupReport "$($box.Root)/none/report.html" } | Should -Throw -ErrorId 'HvBackup.FileMissing,*'
    }

    It 'changes nothing with -WhatIf' {
        $null = Invoke-HvBackup @backup
        $before = Get-Fingerprint $box.Root
        Export-HvBackupReport $file -Target $box.D -WhatIf
        Get-Fingerprint $box.Root | Should -Be $before
    }

    It 'tells its story with -Verbose' {
        $story = Export-HvBackupReport $file -Verbose 4>&1
        "$story" | Should -Match 'Reading the history in .*runs'
        "$story" | Should -Match 'No backups yet: 0 runs'
    }
}
