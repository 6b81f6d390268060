# Runs that meet another, are cancelled, or are killed.
# shellcheck shell=bash

scenario 'a second run meets the lock, and says who holds it'
says 'waitfor|PrepareForBackup|go'
(backup > /dev/null 2>&1; echo "$code" > "$run/first.txt") &
wait_for_call PrepareForBackup
first=$target target=$target-second
mkdir -p "$run/target/$target"
hv_into second.txt backup 'T:\VMs' --to "U:\\$target"
ends_with 4
told 'since'
: > "$fake/go"
wait
[[ $(cat "$run/first.txt") == 0 ]] || problem "the first run ended with $(cat "$run/first.txt")"
target=$first
good_set
nothing_left

for call in GatherWriterMetadata PrepareForBackup DoSnapshotSet; do
    scenario "Ctrl+C during $call cancels what the service is doing, and nothing is left"
    says "pending|$call"
    interrupt=(-interrupt 'C:\fakevss\go')
    (wait_for_call "$call" && : > "$fake/go") &
    backup
    interrupt=()
    wait
    ends_with 1
    told 'ancel'
    logged "IVssAsync::Cancel ($call)"
    no_set
    all_released
    nothing_left
done

# What a killed run left, the next removes: ours, exactly, and then does its own work.
for when in kill killed; do
    calls=(StartSnapshotSet AddToSnapshotSet DoSnapshotSet BackupComplete DeleteSnapshotSet) word=after
    if [[ $when == kill ]]; then
        calls+=(CreateVssBackupComponents GatherWriterMetadata PrepareForBackup GatherWriterStatus)
        calls+=(GetSnapshotProperties)
        word=at
    fi
    for call in "${calls[@]}"; do
        scenario "killed $word $call, the next run removes what is ours, and succeeds"
        says "$when|$call|1"
        backup
        ((code != 0)) || problem 'the killed run ended with success'
        logged 'the process ends here'
        not_logged 'The process ends; still living'
        rm -f "$fake/calls.log"
        says
        backup
        ((code == 0 || code == 3)) || problem "the next run ended with $code"
        good_set
        all_released
        nothing_left
    done
done
