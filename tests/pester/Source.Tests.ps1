# What Windows PowerShell 5.1 can read: this suite looks at the repository's own files, whatever shell runs it.
BeforeDiscovery {
    $root = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..'))
    $texts = @('*.ps1', '*.psm1', '*.psd1', '*.ps1xml', '*.help.txt', '*.schema.json', '*.md' | ForEach-Object {
        Get-ChildItem -LiteralPath $root -Filter $_ -File
        foreach ($folder in 'module', 'tests/pester') { Get-ChildItem -LiteralPath (Join-Path $root $folder) -Filter $_ -File -Recurse }
    } | Where-Object { $_.Extension -ne '.md' -or $_.FullName -like '*help*' } | ForEach-Object { @{ Name = $_.FullName.Substring($root.Length + 1).Replace('\', '/'); Path = $_.FullName } })
    $scripts = @($texts | Where-Object { $_.Name -match '\.(ps1|psm1|psd1)$' })
}

Describe 'The text <Name>' -ForEach $texts {
    It 'is ASCII, or says with a byte order mark that it is UTF-8' {
        # Windows PowerShell reads a file without the mark in the code page of the machine.
        $bytes = [System.IO.File]::ReadAllBytes($Path)
        $hasMark = $bytes.Length -gt 3 -and $bytes[0] -eq 0xEF -and $bytes[1] -eq 0xBB -and $bytes[2] -eq 0xBF
        if (-not $hasMark) { @($bytes | Where-Object { $_ -gt 127 }).Count | Should -Be 0 }
    }
}

Describe 'The script <Name>' -ForEach $scripts {
    BeforeAll {
        $tokens = $errors = $null
        $script = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$errors)
        $find = { param($type) @($script.FindAll({ param($node) $node.GetType().Name -eq $type }, $true) | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Extent.Text)" }) }
    }

    It 'parses' { $errors | Should -BeNullOrEmpty }

    It 'has nothing that came after Windows PowerShell 5.1' {
        # By name: the parser of 5.1 itself does not know these kinds.
        & $find 'TernaryExpressionAst' | Should -BeNullOrEmpty
        & $find 'PipelineChainAst' | Should -BeNullOrEmpty
        @($tokens | Where-Object { "$($_.Kind)" -in 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'QuestionMark', 'AndAnd', 'OrOr' } | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Text)" }) | Should -BeNullOrEmpty
        @($script.FindAll({ param($node) $node -is [System.Management.Automation.Language.CommandParameterAst] -and $node.ParameterName -in 'Parallel', 'AsHashtable', 'SkipHttpErrorCheck', 'NoEmphasis' }, $true)) | Should -BeNullOrEmpty
        # Join-Path takes two paths there.
        @($script.FindAll({ param($node) $node -is [System.Management.Automation.Language.CommandAst] -and $node.GetCommandName() -eq 'Join-Path' }, $true) | Where-Object {
            @($_.CommandElements | Where-Object { $_ -isnot [System.Management.Automation.Language.CommandParameterAst] }).Count -gt 3
        } | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Extent.Text)" }) | Should -BeNullOrEmpty
    }
}

Describe 'The scripts in the views and types' {
    It 'parse' {
        foreach ($file in 'HyperVBackup.Format.ps1xml', 'HyperVBackup.Types.ps1xml') {
            $xml = [xml](Get-Content -LiteralPath (Join-Path (Split-Path -Parent $env:HVBACKUP_TEST_MODULE) $file) -Raw)
            foreach ($node in $xml.SelectNodes('//ScriptBlock | //GetScriptBlock')) {
                $errors = $null
                $ast = [System.Management.Automation.Language.Parser]::ParseInput($node.InnerText, [ref]$null, [ref]$errors)
                $errors | Should -BeNullOrEmpty -Because $node.InnerText
                # '(if ...)' calls a command of that name; what is meant is '$(if ...)'.
                foreach ($call in $ast.FindAll({ param($one) $one -is [System.Management.Automation.Language.CommandAst] }, $true)) { $call.GetCommandName() | Should -Not -BeIn 'if', 'foreach', 'switch' -Because $node.InnerText }
            }
        }
    }
}
