BeforeAll {
    . $PSScriptRoot/TestHost.ps1
    $box = New-TestHost "$TestDrive/results"; $backup = $box.Backup
    $run = Invoke-HvBackup @backup
    $shadows = New-HvShadowSet $box.C -Provider copy
    $results = [ordered]@{
        Run     = $run
        Mirror  = Copy-HvMirror $box.C "$($box.E)/mirror"
        Set     = @(Get-HvBackup $box.D)[0]
        Report  = Test-HvBackup $box.D
        Restore = Restore-HvBackup $box.D "$($box.Root)/restored"
        Shadows = $shadows
    }
    $shadows | Remove-HvShadowSet
}

Describe 'Results' {
    It '<Name> survives Export-Clixml and remoting with <Inside> whole' -ForEach @(
        @{ Name = 'Run'; Inside = 'Jobs'; Property = 'Target' }
        @{ Name = 'Set'; Inside = 'Jobs'; Property = 'Source' }
        @{ Name = 'Shadows'; Inside = 'Shadows'; Property = 'Volume' }
    ) {
        $path = "$TestDrive/$Name.xml"
        $results[$Name] | Export-Clixml $path
        $copy = Import-Clixml $path
        $copy.$Inside.$Property | Should -Be $results[$Name].$Inside.$Property
        # What remoting does: one level, unless the type asks for more.
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($results[$Name], 1))
        $copy.$Inside.$Property | Should -Be $results[$Name].$Inside.$Property
    }

    It '<_> comes through a job' -ForEach 'Run', 'Mirror', 'Set', 'Report', 'Restore', 'Shadows' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($results[$_], 1))
        foreach ($property in $results[$_].PSObject.Properties.Name) { "$($copy.$property)" | Should -Be "$($results[$_].$property)" }
    }

    It '<_> has views that fit 80 columns' -ForEach 'Run', 'Mirror', 'Set', 'Report', 'Restore', 'Shadows' {
        foreach ($text in ($results[$_] | Out-String -Width 80), ($results[$_] | Format-Table | Out-String -Width 80), ($results[$_] | Format-List | Out-String -Width 80)) {
            $text.Trim() | Should -Not -BeNullOrEmpty
            ($text -split "`r?`n" | ForEach-Object { $_ -replace "$([char]27)\[[0-9;]*m" } | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        }
    }

    It 'show sizes and ages as people read them' {
        $text = $results.Set | Out-String -Width 80
        $text | Should -Match '300 KB'
        $text | Should -Match 'just now'
        $text | Should -Match 'Complete'
    }
}

Describe 'Completion' {
    It 'offers the sets of the target' {
        $line = "Test-HvBackup -Path '$($box.D)' -Set "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'SetA'
    }

    It 'offers ids of shadow sets, with what they are' {
        $set = New-HvShadowSet $box.C -Provider copy
        $found = (TabExpansion2 'Remove-HvShadowSet -Id ' 23).CompletionMatches
        $found.CompletionText | Should -Contain "$($set.Id)"
        ($found | Where-Object CompletionText -eq "$($set.Id)").ToolTip | Should -BeLike "*$(Split-Path -Leaf $box.C)*"
        $set | Remove-HvShadowSet
    }

    It 'offers providers' {
        (TabExpansion2 'Invoke-HvBackup -Provider ref' 29).CompletionMatches.CompletionText | Should -Be 'reflink'
    }
}
