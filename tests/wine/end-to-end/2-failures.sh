# Writers and calls that fail, in each phase.
# shellcheck shell=bash

# fails_with WORDS: the run failed, said why, and left neither a set nor a shadow copy.
fails_with() {
    ends_with 1
    told "$1"
    no_set
    all_released
    nothing_left
}

scenario 'a writer that fails to prepare fails the run in its own words'
says 'writer|PrepareForBackup|7|800423F4|8000000A|The güest said no'
run_plan
fails_with 'VSS_E_WRITERERROR_NONRETRYABLE'
told 'est said no'
in_log 'The güest said no'
called 0 DoSnapshotSet
called 1 AbortBackup

scenario 'a writer that fails to freeze fails the run in its own words'
says 'writer|DoSnapshotSet|9|800423F4|0|Not frozen'
run_plan
fails_with 'VSS_E_WRITERERROR_NONRETRYABLE'
told 'Not frozen'
called 1 AbortBackup

scenario 'of a writer that fails for one component, that component speaks'
says 'writer|PrepareForBackup|7|80042336|0|' "component|$machine|800423F4|0|web01 is locked"
run_plan
fails_with 'web01 is locked'

scenario 'a writer that objects to the end of the backup is told with its words'
says 'writer|BackupComplete|12|800423F4|0|Too late'
run_plan
((code != 0)) || problem 'it ended with success'
told 'Too late'
all_released
nothing_left

scenario 'a failure that may pass is tried again, and passes'
says 'writer|DoSnapshotSet|9|800423F3|0|Busy|1'
run_plan
ends_with 3
told 'tried again'
called 2 DoSnapshotSet
good_set
all_released
nothing_left

scenario 'a failure that does not pass is tried as often as the plan says'
says 'async|DoSnapshotSet|80042306'
run_plan 2
fails_with 'VSS_E_PROVIDER_VETO'
called 3 DoSnapshotSet

scenario 'another requester that makes a shadow set is waited for'
says 'fail|StartSnapshotSet|80042316|1|1'
run_plan
ends_with 0
called 2 StartSnapshotSet
good_set
nothing_left

for one in \
    'fail|CreateVssBackupComponents|80070005|E_ACCESSDENIED' \
    'fail|InitializeForBackup|8000FFFF|E_UNEXPECTED' \
    'async|GatherWriterMetadata|80042318|VSS_E_WRITER_INFRASTRUCTURE' \
    'fail|AddToSnapshotSet|8004230C|VSS_E_VOLUME_NOT_SUPPORTED' \
    'async|PrepareForBackup|800706BE|RPC_S_CALL_FAILED' \
    'fail|GetSnapshotProperties|80042308|VSS_E_OBJECT_NOT_FOUND' \
    'async|BackupComplete|80042302|VSS_E_UNEXPECTED'; do
    IFS='|' read -r kind call hresult expected <<< "$one"
    scenario "$call that ends with $expected fails the run, and nothing is left"
    says "$kind|$call|$hresult"
    run_plan 0
    ((code != 0)) || problem 'it ended with success'
    told "$expected"
    not_logged 'refused: out of order'
    nothing_left
done

scenario 'a host without the Hyper-V writer says so'
says nowriter
run_plan
((code != 0)) || problem 'it ended with success'
told 'Hyper-V writer'
nothing_left
