# Both fronts over one table of situations: hvbackup and the cmdlet must take the same set, warn of the same things,
# fail in the same way, and end with the same exit code.
BeforeDiscovery {
    . $PSScriptRoot/Program.ps1
    $program = Find-HvBackup

    # What a cmdlet says is kept, to be compared, and not shown.
    $kept = @{
        WarningVariable = 'script:warned'; WarningAction = 'SilentlyContinue'
        ErrorVariable = 'script:said'; ErrorAction = 'SilentlyContinue'
    }
    $situations = @(
        @{ Name = 'two whole sets'; Verify = 0; Restore = 0 }
        @{ Name = 'a set that is named'; Set = 'SetA'; Verify = 0; Restore = 0 }
        @{ Name = 'no sets at all'; Make = { Remove-Item "$($box.E)/Backup-*" -Recurse -Force }; Verify = 1; Restore = 1 }
        @{ Name = 'a target that is gone'; Make = { Rename-Item $box.E 'F' }; Verify = 1; Restore = 1 }
        @{ Name = 'a name that no set has'; Set = 'SetZ'; Verify = 1; Restore = 1 }
        @{ Name = 'a set whose description is spoiled'; Make = { Set-Content (Get-StateFile 'SetB') '{ this is none' }; Verify = 3; Restore = 3 }
        @{ Name = 'a set whose description is spoiled, when it is named'; Set = 'SetB'; Make = { Set-Content (Get-StateFile 'SetB') '{ this is none' }; Verify = 5; Restore = 5 }
        @{ Name = 'a set whose description is spoiled, when the other is named'; Set = 'SetA'; Make = { Set-Content (Get-StateFile 'SetB') '{ this is none' }; Verify = 0; Restore = 0 }
        @{ Name = 'a set that no run completed'; Make = { Set-State 'SetB' 'writing' }; Verify = 0; Restore = 0 }
        @{ Name = 'a set that no run completed, when it is named'; Set = 'SetB'; Make = { Set-State 'SetB' 'writing' }; Verify = 1; Restore = 1 }
        @{ Name = 'sets that no run completed'; Make = { Set-State 'SetA' 'writing'; Set-State 'SetB' 'writing' }; Verify = 1; Restore = 1 }
        @{ Name = 'a partial set, when it is named'; Set = 'SetB'; Make = { Set-State 'SetB' 'partial' }; Verify = 3; Restore = 3 }
        @{ Name = 'nothing but partial sets'; Make = { Set-State 'SetA' 'partial'; Set-State 'SetB' 'partial' }; Verify = 3; Restore = 3 }
        @{ Name = 'damage that nobody knows of'; Make = { Add-Damage 'SetB' }; Verify = 5; Restore = 5 }
        @{ Name = 'a file that is missing'; Make = { Remove-Item "$($box.E)/Backup-SetB/SystemVHD/vm1.vhdx" }; Verify = 5; Restore = 5 }
        @{ Name = 'damage that was found before, in every set'; Make = { foreach ($set in 'SetA', 'SetB') { Add-Damage $set; $null = Test-HvBackup $box.E -Set $set -ErrorAction SilentlyContinue } }; Verify = 5; Restore = 5 }
    )
    $wishes = @(
        @{ Name = 'a pattern'; Words = '--path', 'SystemVHD'; Wishes = @{ Include = 'SystemVHD' }; Restore = 0 }
        @{ Name = 'a pattern that matches nothing'; Words = '--path', 'nothing'; Wishes = @{ Include = 'nothing' }; Restore = 1 }
        @{ Name = 'a pattern that cannot match'; Words = '--path', '../x'; Wishes = @{ Include = '../x' }; Restore = 2 }
        @{ Name = 'a machine without a name'; Words = '--vm', ' '; Wishes = @{ VirtualMachine = ' ' }; Restore = 2 }
        @{ Name = 'a machine that the set does not have'; Words = '--vm', 'web01'; Wishes = @{ VirtualMachine = 'web01' }; Restore = 1 }
        @{ Name = 'a file in the way'; Make = { New-Item -ItemType Directory "$to/CFG"; Set-Content "$to/CFG/vm1.xml" 'mine' }; Words = @(); Wishes = @{}; Restore = 1 }
        @{ Name = 'a file in the way that may go'; Make = { New-Item -ItemType Directory "$to/CFG"; Set-Content "$to/CFG/vm1.xml" 'mine' }; Words = '--force'; Wishes = @{ Force = $true }; Restore = 0 }
        @{ Name = 'a destination in a set'; Into = { "$($box.E)/Backup-SetA/CFG" }; Words = @(); Wishes = @{}; Restore = 2 }
    )
}

BeforeAll {
    . $PSScriptRoot/TestHost.ps1
    . $PSScriptRoot/Program.ps1
    $program = Find-HvBackup

    # What a cmdlet says is kept, to be compared, and not shown.
    $kept = @{
        WarningVariable = 'script:warned'; WarningAction = 'SilentlyContinue'
        ErrorVariable = 'script:said'; ErrorAction = 'SilentlyContinue'
    }

    function Get-StateFile([string] $Set) { "$($box.E)/Backup-$Set/.hvbackup/set.json" }

    # As of a version that wrote no checksum.
    function Set-State([string] $Set, [string] $State) {
        $text = (Get-Content -LiteralPath (Get-StateFile $Set) -Raw) -replace ',\s*"sha256": "[0-9a-f]+"'
        [System.IO.File]::WriteAllText((Get-StateFile $Set), $text.Replace('"complete"', "`"$State`""))
    }

    # One byte, and nothing else to be seen of it.
    function Add-Damage([string] $Set) {
        $file = Get-Item -LiteralPath "$($box.E)/Backup-$Set/SystemVHD/vm1.vhdx"
        $time = $file.LastWriteTimeUtc
        $stream = $file.OpenWrite(); $stream.Position = 1000; $stream.WriteByte(0); $stream.WriteByte(1); $stream.Dispose()
        $file.LastWriteTimeUtc = $time
    }

    # Advice names the options of the front it is given at.
    function ConvertTo-OneFront([string] $Text) {
        $Text -replace "'hvbackup list'", 'Get-HvBackup' -replace '--path', '-Include' -replace '--vm', '-VirtualMachine' -replace '--force', '-Force' -replace '--set', '-Set'
    }

    function Invoke-CommandLine([string[]] $Words) {
        $output = & $program[0] @($program | Select-Object -Skip 1) @Words --json
        $json = $output | Out-String | ConvertFrom-Json
        $json.exitCode | Should -Be $LASTEXITCODE
        [pscustomobject]@{
            Json     = $json
            Set      = "$($json.set)"
            ExitCode = $LASTEXITCODE
            Warnings = @($json.warnings | ForEach-Object { ConvertTo-OneFront $_ })
            Failures = @($json.failures | ForEach-Object { ConvertTo-OneFront "$($_.errorId): $($_.message)" })
        }
    }

    function Invoke-Cmdlet([scriptblock] $Command) {
        $report = $thrown = $null
        try { $report = & $Command } catch { $thrown = $_ }
        $all = @(if ($thrown) { $thrown } else { $said })
        [pscustomobject]@{
            Report   = $report
            Set      = "$($report.Set)"
            ExitCode = if ($report) { $report.ExitCode } else { $all[0].Exception.ExitCode }
            Warnings = @($warned | ForEach-Object { $_.Message })
            Failures = @($all | ForEach-Object { "$(($_.FullyQualifiedErrorId -split ',')[0]): $($_.Exception.Message)" })
        }
    }

    function Assert-Same($Line, $Cmdlet) {
        $Cmdlet.Set | Should -Be $Line.Set
        $Cmdlet.Warnings -join "`n" | Should -Be ($Line.Warnings -join "`n")
        $Cmdlet.Failures -join "`n" | Should -Be ($Line.Failures -join "`n")
        $Cmdlet.ExitCode | Should -Be $Line.ExitCode
    }
}

Describe 'hvbackup and the cmdlets' -Skip:(-not $program) {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"; $backup = $box.Backup
        $null = Invoke-HvBackup @backup
        $null = Invoke-HvBackup @backup
        $to = "$($box.Root)/restored"
    }

    It 'verify the same way: <Name>' -ForEach $situations {
        if ($Make) { $null = & $Make }
        # The first to find damage leaves a note that the second would go by.
        $marks = @(Get-ChildItem "$($box.E)/Backup-*/.hvbackup/damage.txt" -ErrorAction Ignore).FullName
        $line = Invoke-CommandLine (@('verify', $box.E) + @(if ($Set) { '--set', $Set }))
        Get-ChildItem "$($box.E)/Backup-*/.hvbackup/damage.txt" -ErrorAction Ignore | Where-Object FullName -NotIn $marks | Remove-Item
        $more = if ($Set) { @{ Set = $Set } } else { @{} }
        $cmdlet = Invoke-Cmdlet { Test-HvBackup $box.E @more @kept }
        Assert-Same $line $cmdlet
        $line.ExitCode | Should -Be $Verify
    }

    It 'restore the same way: <Name>' -ForEach $situations {
        if ($Make) { $null = & $Make }
        $line = Invoke-CommandLine (@('restore', $box.E, '--to', $to) + @(if ($Set) { '--set', $Set }))
        $first = @(if (Test-Path $to) { Get-ChildItem $to -Recurse -File -Name })
        Remove-Item $to -Recurse -Force -ErrorAction Ignore
        $more = if ($Set) { @{ Set = $Set } } else { @{} }
        $cmdlet = Invoke-Cmdlet { Restore-HvBackup $box.E $to @more @kept }
        Assert-Same $line $cmdlet
        $line.ExitCode | Should -Be $Restore
        @(if (Test-Path $to) { Get-ChildItem $to -Recurse -File -Name }) | Should -Be $first
    }

    It 'list the same way: <Name>' -ForEach $situations {
        if ($Make) { $null = & $Make }
        $line = Invoke-CommandLine 'list', $box.E
        $cmdlet = Invoke-Cmdlet { [pscustomobject]@{ Sets = @(Get-HvBackup $box.E -ErrorVariable script:said -ErrorAction SilentlyContinue) } }
        $states = $line.Json.sets | ForEach-Object { "$($_.set) $($_.state -replace 'incomplete', 'Writing') $($_.foundDamaged) $($_.missingCount) $($_.problem.message)" }
        $cmdlet.Report.Sets | ForEach-Object { "$($_.Set) $($_.State) $($_.FoundDamaged) $($_.MissingCount) $($_.Problem.Message)" } | Should -Be $states
        $cmdlet.Failures -join "`n" | Should -Be ($line.Failures -join "`n")
    }

    It 'restore the same of what is wanted: <Name>' -ForEach $wishes {
        if ($Into) { $to = & $Into }
        if ($Make) { $null = & $Make }
        $line = Invoke-CommandLine (@('restore', $box.E, '--to', $to) + $Words)
        if (-not $Into) { Remove-Item $to -Recurse -Force -ErrorAction Ignore }
        if ($Make) { $null = & $Make }
        $cmdlet = Invoke-Cmdlet { Restore-HvBackup $box.E $to @Wishes @kept }
        Assert-Same $line $cmdlet
        $line.ExitCode | Should -Be $Restore
    }
}
