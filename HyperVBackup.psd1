@{
    # The version has one home: here. Directory.Build.props reads it.
    ModuleVersion          = '0.1.0'
    GUID                   = 'b0a2a4b5-3a0e-4a57-9d2c-6f7e3a1c8e94'
    Author                 = 'The HyperVBackup maintainers'
    CompanyName            = 'HyperVBackup'
    Copyright              = '(c) The HyperVBackup maintainers. MIT licence.'
    Description            = 'Backs up running Hyper-V virtual machines: one shadow set over all volumes, mirrors of which only changed blocks are written, two or more sets that take turns, verification by hashes, and restore.'

    RootModule             = 'module/HyperVBackup.psm1'
    FormatsToProcess       = @('module/HyperVBackup.Format.ps1xml')
    TypesToProcess         = @('module/HyperVBackup.Types.ps1xml')

    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Desktop', 'Core')
    DotNetFrameworkVersion = '4.7.2'

    CmdletsToExport        = @(
        'Copy-HvMirror'
        'Dismount-HvShadow'
        'Export-HvBackupReport'
        'Expose-HvShadow'
        'Get-HvBackup'
        'Get-HvShadowSet'
        'Get-HvVirtualMachine'
        'Invoke-HvBackup'
        'New-HvBackupPlan'
        'New-HvShadowSet'
        'Register-HvBackupTask'
        'Remove-HvBackup'
        'Remove-HvShadowSet'
        'Restore-HvBackup'
        'Test-HvBackup'
        'Test-HvBackupPlan'
        'Unregister-HvBackupTask'
    )
    AliasesToExport        = @('Mount-HvShadow')
    FunctionsToExport      = @()
    VariablesToExport      = @()

    PrivateData            = @{
        PSData = @{
            Tags = @('Hyper-V', 'Backup', 'Restore', 'VSS', 'ShadowCopy', 'VHDX', 'Windows', 'Linux', 'PSEdition_Desktop', 'PSEdition_Core')
        }
    }
}
