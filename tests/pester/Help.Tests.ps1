BeforeDiscovery {
    Import-Module -Name $env:HVBACKUP_TEST_MODULE -DisableNameChecking
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $cmdlets = @(Get-Command -Module HyperVBackup -CommandType Cmdlet)
    $names = @($cmdlets.Name)
    $parameters = @(foreach ($cmdlet in $cmdlets) {
        foreach ($parameter in $cmdlet.Parameters.Keys) { if ($parameter -notin $common -or $parameter -in 'WhatIf', 'Confirm') { @{ Cmdlet = $cmdlet.Name; Parameter = $parameter } } }
    })
    $topics = @('about_HyperVBackup', 'about_HyperVBackup_Plans', 'about_HyperVBackup_Restore', 'about_HyperVBackup_Troubleshooting')
}

BeforeAll {
    . $PSScriptRoot/TestHost.ps1
    $folder = Split-Path -Parent $env:HVBACKUP_TEST_MODULE
}

Describe 'Help of <_>' -ForEach $names {
    BeforeAll { $help = Get-Help $_ -Full }

    It 'has a synopsis and a description' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match '\[-'
        ($help.description | Out-String).Trim().Length | Should -BeGreaterThan 80
    }

    It 'has three examples, each explained' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 3
        foreach ($example in $help.examples.example) { ($example.remarks | Out-String).Trim() | Should -Not -BeNullOrEmpty }
    }

    It 'has examples that parse, and use parameters that exist' {
        foreach ($example in $help.examples.example) {
            $errors = $null
            $script = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty
            foreach ($call in $script.FindAll({ param($node) $node -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                if ($call.GetCommandName() -notlike '*-Hv*') { continue }
                $command = Get-Command $call.GetCommandName()
                foreach ($parameter in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    { $command.ResolveParameter($parameter.ParameterName) } | Should -Not -Throw
                }
            }
        }
    }

    It 'links to help that exists' {
        foreach ($link in $help.relatedLinks.navigationLink.linkText) {
            if ($link -like 'about_*') { "$folder/en-US/$link.help.txt" | Should -Exist } else { Get-Command $link -ErrorAction Stop | Should -Not -BeNullOrEmpty }
        }
    }
}

Describe 'Help of <Cmdlet> -<Parameter>' -ForEach $parameters {
    It 'says something' {
        (Get-Help $Cmdlet -Parameter $Parameter | ForEach-Object description | Out-String).Trim() | Should -Not -BeNullOrEmpty
    }
}

Describe 'The topic <_>' -ForEach $topics {
    It 'is found, and fits 80 columns' {
        Get-Help $_ | Out-String | Should -Match "TOPIC\s+$_"
        (Get-Content "$folder/en-US/$_.help.txt" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
    }

    It 'has code whose cmdlets and parameters exist' {
        $text = Get-Content "$folder/en-US/$_.help.txt" -Raw
        foreach ($name in [regex]::Matches($text, '\b[A-Z][a-z]+-Hv\w+') | ForEach-Object Value | Sort-Object -Unique) { Get-Command $name -ErrorAction Stop | Should -Not -BeNullOrEmpty }
    }
}

Describe 'The schema of plans' {
    BeforeAll { $schema = Get-Content "$folder/plan.schema.json" -Raw | ConvertFrom-Json }

    It 'knows the same properties as the module' {
        # The module names what it knows when it meets what it does not know.
        $known = { param($plan, $at) ((& { try { Invoke-HvBackup $plan -WhatIf } catch { $_.Exception.Message } }) -replace '(?s).*known here are ([^;]+?)\.?(;.*)?$', '$1') -split ', ' | Sort-Object }
        & $known @{ zzzzzzzzzzzzzzzz = 1 } | Should -Be ($schema.properties.PSObject.Properties.Name | Where-Object { $_ -ne '$schema' } | Sort-Object)
        & $known @{ jobs = @{ source = '.'; targets = '.'; zzzzzzzzzzzzzzzz = 1 } } | Should -Be ($schema.definitions.job.properties.PSObject.Properties.Name | Sort-Object)
        & $known @{ shadow = @{ zzzzzzzzzzzzzzzz = 1 } } | Should -Be ($schema.properties.shadow.properties.PSObject.Properties.Name | Sort-Object)
    }

    It 'finds the plan of the help right' -Skip:($PSVersionTable.PSEdition -ne 'Core') {
        try { $null = Test-Json -Json '{}' -Schema '{}' -ErrorAction Stop }
        catch [System.NotSupportedException] { Set-ItResult -Skipped -Because 'this PowerShell cannot check schemas'; return }
        $plan = (Get-Content "$folder/en-US/about_HyperVBackup_Plans.help.txt" -Raw) -replace '(?s)^.*?(\{.*?\n        \}).*$', '$1'
        Test-Json -Json $plan -Schema ($schema | ConvertTo-Json -Depth 20) | Should -BeTrue
        Test-Json -Json '{ "jbos": [] }' -Schema ($schema | ConvertTo-Json -Depth 20) -ErrorAction SilentlyContinue | Should -BeFalse
    }
}
