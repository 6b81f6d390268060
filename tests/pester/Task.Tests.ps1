BeforeAll {
    . $PSScriptRoot/TestHost.ps1

    function New-TestPlan($Box, [string] $Name = 'nightly', [string] $Folder = $Box.Root, [hashtable] $More = @{}) {
        $plan = @{ name = $Name; jobs = @(@{ source = "$($Box.C)/CFG"; targets = $Box.D }); shadow = @{ provider = 'copy' } } + $More
        $null = New-Item -ItemType Directory -Path $Folder -Force
        $path = Join-Path $Folder 'plan.json'
        [System.IO.File]::WriteAllText($path, ($plan | ConvertTo-Json -Depth 5))
        $path
    }

    # What Task Scheduler would start, started here: its arguments as they are, its shell the one that this is.
    function Invoke-Task([string] $Xml) {
        $start = [System.Diagnostics.ProcessStartInfo]::new($env:HVBACKUP_TEST_SHELL, ([xml] $Xml).Task.Actions.Exec.Arguments)
        $start.UseShellExecute = $false
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [System.Diagnostics.Process]::Start($start)
        $errors = $process.StandardError.ReadToEndAsync()
        $output = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        [pscustomobject]@{ ExitCode = $process.ExitCode; Output = $output + $errors.Result }
    }

    # Windows' module ScheduledTasks, as far as the cmdlets use it, over one variable.
    $global:HvTasks = @{}
    function global:Get-ScheduledTask { [CmdletBinding()] param($TaskPath) $global:HvTasks.Values | Where-Object TaskPath -eq $TaskPath }
    function global:Register-ScheduledTask {
        [CmdletBinding()] param($TaskPath, $TaskName, $Xml, [switch] $Force, $User, $Password)
        if ($global:HvRefusal) { $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([System.Exception]::new('Access is denied.'), $global:HvRefusal, 'NotSpecified', $TaskName)); return }
        if ($global:HvTasks["$TaskPath$TaskName"] -and -not $Force) { throw 'It exists.' }
        $task = [pscustomobject]@{ TaskPath = $TaskPath; TaskName = $TaskName; Source = ([xml] $Xml).Task.RegistrationInfo.Source; Xml = $Xml; User = $User; Password = $Password; Force = [bool] $Force }
        $global:HvTasks["$TaskPath$TaskName"] = $task
        $task
    }
    function global:Unregister-ScheduledTask { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param($TaskPath, $TaskName) $global:HvTasks.Remove("$TaskPath$TaskName") }
    function global:Get-ClusteredScheduledTask { [CmdletBinding()] param($Cluster) $global:HvTasks.Values | Where-Object Cluster -eq $Cluster }
    function global:Register-ClusteredScheduledTask {
        [CmdletBinding()] param($Cluster, $TaskName, $Xml, $TaskType, $Resource)
        $global:HvTasks["$Cluster|$TaskName"] = [pscustomobject]@{ Cluster = $Cluster; TaskName = $TaskName; TaskType = $TaskType; Resource = $Resource; Xml = $Xml; TaskDefinition = [pscustomobject]@{ Source = ([xml] $Xml).Task.RegistrationInfo.Source } }
    }
    function global:Set-ClusteredScheduledTask { [CmdletBinding()] param($Cluster, $TaskName, $Xml) $global:HvTasks["$Cluster|$TaskName"].Xml = $Xml }
    function global:Unregister-ClusteredScheduledTask { [CmdletBinding()] param($Cluster, $TaskName) $global:HvTasks.Remove("$Cluster|$TaskName") }
    $fakes = 'Get-ScheduledTask', 'Register-ScheduledTask', 'Unregister-ScheduledTask', 'Get-ClusteredScheduledTask', 'Register-ClusteredScheduledTask', 'Set-ClusteredScheduledTask', 'Unregister-ClusteredScheduledTask'
}

AfterAll {
    $fakes | ForEach-Object { Remove-Item "Function:\$_" -ErrorAction SilentlyContinue }
    Remove-Variable HvTasks, HvRefusal -Scope Global -ErrorAction SilentlyContinue
}

Describe 'The command of a task' {
    BeforeEach { $box = New-TestHost "$TestDrive/$([guid]::NewGuid())" }

    It 'ends with 0 when the run is complete' {
        $ran = Invoke-Task (Register-HvBackupTask (New-TestPlan $box) -At 02:00 -AsXml)
        $ran.ExitCode | Should -Be 0
        (Get-HvBackup $box.D).State | Should -Be 'Complete'
    }

    It 'ends with 3 when there are warnings' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $xml = Register-HvBackupTask (New-TestPlan $box -More @{ onSuccess = @{ command = '/bin/false' } }) -At 02:00 -AsXml
        (Invoke-Task $xml).ExitCode | Should -Be 3
        (Get-HvBackup $box.D).State | Should -Be 'Complete'
    }

    It 'ends with 1 when the run fails' {
        $xml = Register-HvBackupTask (New-TestPlan $box) -At 02:00 -AsXml
        Remove-Item $box.D -Recurse -Force
        (Invoke-Task $xml).ExitCode | Should -Be 1
    }

    It 'ends with 1 when there is no shadow set, which is an error that ends Invoke-HvBackup' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        $plan = New-TestPlan $box
        (Get-Content $plan -Raw) -replace '"copy"', '"vss"' | Set-Content $plan
        $ran = Invoke-Task (Register-HvBackupTask $plan -At 02:00 -AsXml)
        $ran.ExitCode | Should -Be 1
        $ran.Output | Should -Match 'vss'
    }

    It 'ends with 2 when the plan <What>' -ForEach @(
        @{ What = 'is gone'; Spoil = { param($plan, $box) Remove-Item $plan } }
        @{ What = 'is no JSON'; Spoil = { param($plan, $box) Set-Content $plan '{ torn' } }
        @{ What = 'names a source that is not there'; Spoil = { param($plan, $box) Remove-Item "$($box.C)/CFG" -Recurse } }
    ) {
        $plan = New-TestPlan $box
        $xml = Register-HvBackupTask $plan -At 02:00 -AsXml
        & $Spoil $plan $box
        (Invoke-Task $xml).ExitCode | Should -Be 2
        "$($box.D)/Backup-SetA" | Should -Not -Exist
    }

    It 'ends with 4 while another run holds the lock' {
        Write-TestDisk "$($box.C)/CFG/big.vhdx" 3 16MB
        $plan = New-TestPlan $box
        $xml = Register-HvBackupTask $plan -At 02:00 -AsXml
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking; `$VerbosePreference = 'Continue'; Invoke-HvBackup '$plan' -MaxBytesPerSecond 1MB")
        $run = $shell.BeginInvoke()
        $limit = [System.Diagnostics.Stopwatch]::StartNew()
        while (-not ($shell.Streams.Verbose.Message -like 'Copying *')) { if ($run.IsCompleted -or $limit.Elapsed.TotalSeconds -gt 60) { throw "The run never began: $($shell.Streams.Error)" }; $null = [System.Threading.Thread]::Yield() }
        try { (Invoke-Task $xml).ExitCode | Should -Be 4 }
        finally { $shell.Stop(); $shell.Dispose() }
    }

    It 'ends with 1, and never with 0, when the module is gone' {
        $xml = Register-HvBackupTask (New-TestPlan $box) -At 02:00 -AsXml
        $module = Split-Path -Parent (Split-Path -Parent $env:HVBACKUP_TEST_MODULE)
        $ran = Invoke-Task $xml.Replace($module, "$($box.Root)/gone/HyperVBackup")
        $ran.ExitCode | Should -Be 1
        $ran.Output | Should -Match 'gone'
    }

    It 'finds a plan in a folder called <_>' -ForEach "it's", '100%', '%TEMP%', 'a b', "$([char]0xDC)berstunden $([char]0x65E5)$([char]0x672C)", '$(Arg0)', '[x]', "$([char]0x2018)quoted$([char]0x2019)", '-Name;exit 0' {
        $ran = Invoke-Task (Register-HvBackupTask (New-TestPlan $box -Folder (Join-Path $box.Root $_)) -At 02:00 -AsXml)
        $ran.Output | Should -BeNullOrEmpty
        $ran.ExitCode | Should -Be 0
        (Get-HvBackup $box.D).State | Should -Be 'Complete'
    }

    It 'uses the newest version of the module in its folder' {
        $xml = Register-HvBackupTask (New-TestPlan $box) -At 02:00 -AsXml
        $xml | Should -Match ([regex]::Escape("Import-Module -Name '$(Split-Path -Parent (Split-Path -Parent $env:HVBACKUP_TEST_MODULE))'"))
    }
}

Describe 'Register-HvBackupTask' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"
        $plan = New-TestPlan $box
        $global:HvTasks = @{}
        $global:HvRefusal = $null
    }

    It 'registers a task that is named after its plan and runs as SYSTEM' {
        $task = Register-HvBackupTask $plan -At 02:00
        $task.TaskName | Should -Be 'nightly'
        $task.TaskPath | Should -Be '\HyperVBackup\'
        $task.Account | Should -Be 'SYSTEM'
        $task.Replaced | Should -BeFalse
        $task.Schedule | Should -Be 'every day at 02:00'
        $task.NextRun | Should -BeGreaterThan ([datetime]::Now)
        $global:HvTasks['\HyperVBackup\nightly'].Xml | Should -Match '<UserId>S-1-5-18</UserId>'
        $global:HvTasks['\HyperVBackup\nightly'].User | Should -BeNullOrEmpty
    }

    It 'registers the definition that -AsXml shows' {
        $xml = Register-HvBackupTask $plan -At 02:00 -DaysOfWeek Monday -AsXml
        $global:HvTasks.Count | Should -Be 0
        $null = Register-HvBackupTask $plan -At 02:00 -DaysOfWeek Monday
        $undated = { $args[0] -replace '<Date>.*?</Date>' }
        & $undated $global:HvTasks['\HyperVBackup\nightly'].Xml | Should -Be (& $undated $xml)
    }

    It 'makes the path of a plan absolute' {
        Push-Location $box.Root
        try { (Register-HvBackupTask plan.json -At 02:00).Plan | Should -Be (Get-Item plan.json).FullName }
        finally { Pop-Location }
    }

    It 'takes plans from the pipeline' {
        $other = New-TestPlan $box 'weekly' "$($box.Root)/weekly"
        (Get-Item $plan, $other | Register-HvBackupTask -At 02:00 -DaysOfWeek Sunday).TaskName | Should -Be 'nightly', 'weekly'
    }

    It 'replaces a task of its own, and leaves one of somebody else alone' {
        $null = Register-HvBackupTask $plan -At 02:00
        (Register-HvBackupTask $plan -At 03:00).Replaced | Should -BeTrue
        $global:HvTasks['\HyperVBackup\nightly'].Xml | Should -Match 'T03:00:00<'
        $global:HvTasks['\HyperVBackup\nightly'].Source = 'Contoso'
        Register-HvBackupTask $plan -At 04:00 -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.DestinationExists,*'
        $global:HvTasks['\HyperVBackup\nightly'].Xml | Should -Match 'T03:00:00<'
    }

    It 'gives an account and its password to Task Scheduler, and nowhere else' {
        $credential = [pscredential]::new('CONTOSO\bob', (ConvertTo-SecureString 'geheim!' -AsPlainText -Force))
        $task = Register-HvBackupTask $plan -At 02:00 -Credential $credential
        $task.Account | Should -Be 'CONTOSO\bob'
        $global:HvTasks['\HyperVBackup\nightly'].Password | Should -Be 'geheim!'
        $global:HvTasks['\HyperVBackup\nightly'].Xml | Should -Not -Match 'geheim'
        "$($task | ConvertTo-Json)" | Should -Not -Match 'geheim'
    }

    It 'needs no password for a managed service account' {
        $null = Register-HvBackupTask $plan -At 02:00 -gMSA 'CONTOSO\hv$'
        $registered = $global:HvTasks['\HyperVBackup\nightly']
        $registered.User | Should -BeNullOrEmpty
        $registered.Xml | Should -Match ([regex]::Escape('<UserId>CONTOSO\hv$</UserId>'))
        $registered.Xml | Should -Match '<LogonType>Password</LogonType>'
    }

    It 'says what to do when Task Scheduler refuses' {
        $global:HvRefusal = 'HRESULT 0x80070005'
        $error_ = { Register-HvBackupTask $plan -At 02:00 -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.NotElevated,*' -PassThru
        $error_.Exception.Message | Should -Match 'Access is denied'
        $error_.ErrorDetails.RecommendedAction | Should -Match 'Run as administrator'
    }

    It 'registers nothing with -WhatIf' {
        Register-HvBackupTask $plan -At 02:00 -WhatIf | Should -BeNullOrEmpty
        $global:HvTasks.Count | Should -Be 0
    }

    It 'refuses a plan that Invoke-HvBackup would refuse, with all that is wrong' {
        Remove-Item "$($box.C)/CFG" -Recurse
        $error_ = { Register-HvBackupTask $plan -At 02:00 -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.BadPlan,*' -PassThru
        $error_.Exception.Message | Should -Match 'jobs\[0\]\.source'
        $global:HvTasks.Count | Should -Be 0
        Register-HvBackupTask $plan -At 02:00 -AsXml -WarningVariable warnings -WarningAction SilentlyContinue | Should -Match '<Task '
        $warnings[0].Message | Should -Match 'would not be registered: jobs\[0\]\.source'
    }

    It 'refuses a plan that others may write to' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        chmod 666 $plan
        $error_ = { Register-HvBackupTask $plan -At 02:00 -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.BadPlan,*' -PassThru
        $error_.Exception.Message | Should -Match 'cannot run it with all rights: everybody may write to it.*chmod go-w'
        $global:HvTasks.Count | Should -Be 0
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a name that cannot be'; Wrong = @{ TaskName = 'a:b' }; Names = 'TaskName' }
        @{ What = 'a folder that cannot be'; Wrong = @{ TaskPath = '\a*\' }; Names = 'TaskPath' }
        @{ What = 'a shell that is none'; Wrong = @{ Shell = 'cmd' }; Names = 'Shell' }
        @{ What = 'seconds for a backup'; Wrong = @{ ExecutionTimeLimit = '00:00:05' }; Names = 'ExecutionTimeLimit' }
        @{ What = 'a service account without its domain'; Wrong = @{ ManagedServiceAccount = 'hv$' }; Names = 'ManagedServiceAccount' }
        @{ What = 'a resource that its type does not have'; Wrong = @{ Cluster = '.'; Resource = 'Disk 1' }; Names = 'Resource' }
    ) {
        $error_ = { Register-HvBackupTask $plan -At 02:00 @Wrong -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.BadPlan,*' -PassThru
        $error_.Exception.Message | Should -Match $Names
        $global:HvTasks.Count | Should -Be 0
    }

    It 'registers, updates and removes a clustered task' {
        (Register-HvBackupTask $plan -At 02:00 -Cluster HVC1).Cluster | Should -Be 'HVC1'
        $global:HvTasks['HVC1|nightly'].TaskType | Should -Be 'AnyNode'
        (Register-HvBackupTask $plan -At 03:00 -Cluster HVC1).Replaced | Should -BeTrue
        $global:HvTasks['HVC1|nightly'].Xml | Should -Match 'T03:00:00<'
        { Register-HvBackupTask $plan -At 03:00 -Cluster HVC1 -ClusteredTaskType ResourceSpecific -Resource 'Disk 1' -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.DestinationExists,*'
        Unregister-HvBackupTask nightly -Cluster HVC1 -Confirm:$false
        $global:HvTasks.Count | Should -Be 0
    }

    It 'says off Windows how it is done there' -Skip:($IsWindows -or $PSVersionTable.PSEdition -ne 'Core') {
        # In a shell of its own, where there is no Task Scheduler.
        $said = & $env:HVBACKUP_TEST_SHELL -NoProfile -NonInteractive -Command "
            Import-Module '$env:HVBACKUP_TEST_MODULE' -DisableNameChecking
            Register-HvBackupTask '$plan' -At 02:30 -DaysOfWeek Friday
            `$Error[0].FullyQualifiedErrorId; `$Error[0].ErrorDetails.RecommendedAction" 2>$null | Out-String -Width 1000
        $said | Should -Match 'HvBackup\.NotSupported'
        $said | Should -Match '-AsXml'
        $said | Should -Match ([regex]::Escape("30 2 * * 5 hvbackup run '$plan'"))
    }

    It 'has a view that fits 80 columns' {
        $task = Register-HvBackupTask $plan -At 02:00
        foreach ($text in ($task | Out-String -Width 80), ($task | Format-Table | Out-String -Width 80)) {
            $text | Should -Match 'nightly'
            ($text -split "`r?`n" | ForEach-Object { $_ -replace "$([char]27)\[[0-9;]*m" } | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        }
    }

    It 'offers shells and days' {
        $complete = { param($line) (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText }
        & $complete 'Register-HvBackupTask a -At 2 -Shell p' | Should -Be 'powershell', 'pwsh'
        & $complete 'Register-HvBackupTask a -At 2 -DaysOfWeek Su' | Should -Be 'Sunday'
    }
}

Describe 'Unregister-HvBackupTask' {
    BeforeEach {
        $box = New-TestHost "$TestDrive/$([guid]::NewGuid())"
        $global:HvTasks = @{}
        $global:HvRefusal = $null
        $task = Register-HvBackupTask (New-TestPlan $box) -At 02:00
    }

    It 'removes a task, by its name or from the pipeline' {
        Unregister-HvBackupTask nightly -Confirm:$false
        $global:HvTasks.Count | Should -Be 0
        Register-HvBackupTask (New-TestPlan $box) -At 02:00 -TaskPath '\Other\' | Unregister-HvBackupTask -Confirm:$false
        $global:HvTasks.Count | Should -Be 0
    }

    It 'removes nothing with -WhatIf' {
        Unregister-HvBackupTask nightly -WhatIf
        $global:HvTasks.Count | Should -Be 1
    }

    It 'leaves a task of somebody else alone' {
        $global:HvTasks['\HyperVBackup\nightly'].Source = 'Contoso'
        { Unregister-HvBackupTask nightly -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'HvBackup.DestinationExists,*'
        $global:HvTasks.Count | Should -Be 1
    }

    It 'says when there is none, and goes on' {
        'none', 'nightly' | Unregister-HvBackupTask -Confirm:$false -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HvBackup.TaskMissing,*'
        $global:HvTasks.Count | Should -Be 0
    }
}
