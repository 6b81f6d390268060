BeforeDiscovery {
    $commands = @('Copy-HvMirror', 'Dismount-HvShadow', 'Export-HvBackupReport', 'Expose-HvShadow', 'Get-HvBackup', 'Get-HvShadowSet', 'Get-HvVirtualMachine', 'Invoke-HvBackup', 'New-HvBackupPlan', 'New-HvShadowSet', 'Register-HvBackupTask', 'Remove-HvBackup', 'Remove-HvShadowSet', 'Restore-HvBackup', 'Test-HvBackup', 'Test-HvBackupPlan', 'Unregister-HvBackupTask')
}

BeforeAll {
    $folder = Split-Path -Parent $env:HVBACKUP_TEST_MODULE
    $commands = @('Copy-HvMirror', 'Dismount-HvShadow', 'Export-HvBackupReport', 'Expose-HvShadow', 'Get-HvBackup', 'Get-HvShadowSet', 'Get-HvVirtualMachine', 'Invoke-HvBackup', 'New-HvBackupPlan', 'New-HvShadowSet', 'Register-HvBackupTask', 'Remove-HvBackup', 'Remove-HvShadowSet', 'Restore-HvBackup', 'Test-HvBackup', 'Test-HvBackupPlan', 'Unregister-HvBackupTask')
    . $PSScriptRoot/TestHost.ps1
}

Describe 'The module folder' {
    It 'has a clean manifest' {
        $manifest = Test-ModuleManifest -Path $env:HVBACKUP_TEST_MODULE -WarningVariable warnings -ErrorAction Stop
        $warnings | Should -BeNullOrEmpty
        $manifest.Name | Should -Be 'HyperVBackup'
        "$($manifest.Version)" | Should -Be (Split-Path -Leaf $folder)
        $manifest.CompatiblePSEditions | Should -Be 'Desktop', 'Core'
    }

    It 'holds what it needs and nothing else' {
        $files = Get-ChildItem -LiteralPath $folder -Recurse -File -Name | ForEach-Object { $_.Replace('\', '/') } | Where-Object { $_ -notlike 'lib/vss/*' } | Sort-Object
        $expected = @(
            'HyperVBackup.Format.ps1xml', 'HyperVBackup.psd1', 'HyperVBackup.psm1', 'HyperVBackup.Types.ps1xml', 'LICENSE',
            'en-US/about_HyperVBackup.help.txt', 'en-US/about_HyperVBackup_Plans.help.txt', 'en-US/about_HyperVBackup_Restore.help.txt', 'en-US/about_HyperVBackup_Troubleshooting.help.txt',
            'en-US/HyperVBackup.Cmdlets.dll-Help.xml',
            'lib/HyperVBackup.Cmdlets.dll', 'lib/HyperVBackup.Core.dll', 'lib/HyperVBackup.Reports.dll',
            'lib/Newtonsoft.Json.dll', 'plan.schema.json')
        $files | Should -Be ($expected | Sort-Object)
    }

    It 'ships nothing of PowerShell' {
        Get-ChildItem -LiteralPath $folder -Recurse -Filter 'System.Management.Automation*' | Should -BeNullOrEmpty
    }

    It 'has the second requester for both editions, or not at all' {
        $editions = @('net472', 'net8.0' | Where-Object { Test-Path -LiteralPath "$folder/lib/vss/$_/AlphaVSS.Common.dll" })
        $editions.Count | Should -BeIn 0, 2
        if ($editions.Count -eq 0) { "$folder/lib/vss" | Should -Not -Exist }
    }
}

Describe 'The module' {
    It 'exports exactly its cmdlets and the alias' {
        $module = Get-Module HyperVBackup
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be $commands
        $module.ExportedAliases.Keys | Should -Be 'Mount-HvShadow'
        $module.ExportedFunctions.Keys | Should -BeNullOrEmpty
        $module.ExportedVariables.Keys | Should -BeNullOrEmpty
    }

    It 'says in its manifest what it exports, so that autoloading works' {
        $manifest = Import-PowerShellDataFile -LiteralPath $env:HVBACKUP_TEST_MODULE
        $manifest.CmdletsToExport | Sort-Object | Should -Be $commands
        $manifest.AliasesToExport | Should -Be 'Mount-HvShadow'
    }

    It 'is loaded by the first use of a cmdlet' {
        $modules = Split-Path -Parent (Split-Path -Parent $folder)
        $code = "`$env:PSModulePath = '$modules' + [System.IO.Path]::PathSeparator + `$env:PSModulePath; (Get-Command Mount-HvShadow).ResolvedCommand.Name; (Get-Module HyperVBackup).Name"
        $said = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command $code
        $said | Should -Be 'Expose-HvShadow', 'HyperVBackup'
    }

    It 'is imported with less than 300 ms of work' {
        # Processor time and not the clock's, which other programs share; in a shell of its own, where nothing of the module is loaded yet.
        $code = "`$me = Get-Process -Id `$PID; `$before = `$me.TotalProcessorTime; Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; `$me.Refresh(); (`$me.TotalProcessorTime - `$before).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)"
        $times = 1..3 | ForEach-Object { [double](& $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command $code) }
        ($times | Measure-Object -Minimum).Minimum | Should -BeLessThan 300
    }

    It 'uses the Newtonsoft.Json that PowerShell brings' -Skip:($PSVersionTable.PSEdition -ne 'Core') {
        $null = Get-HvShadowSet
        $loaded = @([System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Newtonsoft.Json' })
        $loaded.Count | Should -Be 1
        $loaded[0].Location | Should -BeLike "$PSHOME*"
    }

    It '<_> has -WhatIf exactly if it changes something' -ForEach $commands {
        $changes = ($_ -split '-')[0] -notin 'Get', 'Test'
        (Get-Command $_).Parameters.ContainsKey('WhatIf') | Should -Be $changes
    }

    It '<_> says what it outputs' -ForEach ($commands | Where-Object { $_ -notin 'Remove-HvShadowSet', 'Unregister-HvBackupTask' }) {
        (Get-Command $_).OutputType.Type | Should -Not -BeNullOrEmpty
    }
}
