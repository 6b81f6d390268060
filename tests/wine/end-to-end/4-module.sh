# The module in PowerShell for Windows, and shadow sets that outlive their makers.
# shellcheck shell=bash

scenario 'Get-HvVirtualMachine lists what the writer offers'
pwsh 'Get-HvVirtualMachine | Format-List Name, Capture, Volumes'
told 'web01'
told 'Online'
all_released
nothing_left

scenario 'Invoke-HvBackup backs up a machine by its name'
pwsh "(Invoke-HvBackup -VMName web* -Destination U:\\$target -Verify).Outcome"
told 'Complete'
good_set
all_released
nothing_left

scenario 'Invoke-HvBackup -WhatIf makes no shadow copy'
pwsh "Invoke-HvBackup -VMName web01 -Destination U:\\$target -WhatIf"
called 0 StartSnapshotSet
all_released
nothing_left

scenario 'a persistent set is made, read, exposed, dismounted and removed, and nothing else is'
pwsh '$set = New-HvShadowSet T:\
"persistent: $($set.IsPersistent)"
"files: " + (Get-ChildItem -LiteralPath "$($set.Shadows[0].Root)\VMs\web01" -Recurse -File | Measure-Object).Count
"theirs and ours: " + @(Get-HvShadowSet).Count + ", ours: " + @(Get-HvShadowSet -Ours).Count
"exposed at " + ($set.Shadows[0] | Expose-HvShadow -At X:).ExposedAt
Get-HvShadowSet -Ours | Dismount-HvShadow
"exposed: " + @(Get-HvShadowSet -Ours | ForEach-Object Shadows | Where-Object ExposedAt).Count
Get-HvShadowSet -Ours | Remove-HvShadowSet
"ours: " + @(Get-HvShadowSet -Ours).Count'
told 'persistent: True'
told 'files: 2'
told 'exposed at X:'
told 'exposed: 0'
logged 'attributes 0x100000 at X:'
called 1 UnexposeSnapshot
all_released
nothing_left

scenario 'a persistent set outlives its PowerShell, and another removes it'
pwsh '$null = New-HvShadowSet T:\'
[[ $(grep -c . "$fake/shadows.txt") == 2 ]] || problem "the set did not outlive its shell: $(cat "$fake/shadows.txt")"
pwsh '"ours: " + @(Get-HvShadowSet -Ours).Count; Get-HvShadowSet -Ours | Remove-HvShadowSet'
told 'ours: 1'
all_released
nothing_left

scenario 'AlphaVSS that was chosen and is not there is not replaced in silence'
pwsh '$env:HVBACKUP_REQUESTER = "alphavss"; Get-HvVirtualMachine'
told 'threw: HvBackup.ProviderUnavailable'
told 'AlphaVSS'
called 0 CreateVssBackupComponents
