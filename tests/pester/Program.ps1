# The words that start hvbackup: the program that HVBACKUP_TEST_PROGRAM names, as it is shipped, or else the one that was
# built last. None: there is nothing to start. Dot-sourced.
function Find-HvBackup {
    if ($env:HVBACKUP_TEST_PROGRAM) { return , @($env:HVBACKUP_TEST_PROGRAM) }
    $built = [System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'HyperVBackup.Cli', 'bin', '*', 'net*', 'hvbackup.dll')
    $newest = Get-Item -Path $built -ErrorAction Ignore | Sort-Object LastWriteTimeUtc | Select-Object -Last 1
    if ($newest -and (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
        return , @('dotnet', $newest.FullName)
    }
}
