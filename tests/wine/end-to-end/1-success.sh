# Backups that succeed.
# shellcheck shell=bash

scenario 'a folder is backed up through a shadow copy, and verified'
backup --verify
ends_with 0
told 'read through vss: all volumes are one instant, and the applications were prepared for it'
good_set
called 1 DoSnapshotSet
logged "SetBackupSucceeded {66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE} 2 (null) $machine 1"
called 1 BackupComplete
called 0 AbortBackup
all_released
nothing_left

scenario 'a virtual machine is backed up by its name, from a plan'
run_plan
ends_with 0
good_set
all_released
nothing_left

scenario 'what changes after the shadow copy was made is not in the set'
says 'waitfor|DoSnapshotSet|go'
cp "$run/drive/VMs/web01/Virtual Hard Disks/web01.vhdx" "$run/before.vhdx"
(
    wait_for_call '  frozen'
    head -c 400003 /dev/zero > "$run/drive/VMs/web01/Virtual Hard Disks/web01.vhdx"
    : > "$fake/go"
) &
backup
wait
ends_with 0
cp "$run/before.vhdx" "$run/drive/VMs/web01/Virtual Hard Disks/web01.vhdx"
good_set
nothing_left

scenario 'older Windows, without the newer interfaces, backs up as well'
says 'lacks|IVssBackupComponentsEx2' 'lacks|IVssBackupComponentsEx3' 'lacks|IVssComponentEx' 'lacks|IVssComponentEx2'
backup
ends_with 0
called 0 GetWriterStatusEx
all_released
nothing_left

scenario 'another writer that fails is a warning, and no failure'
says 'other|DoSnapshotSet|9|800423F4|0|The registry said no'
backup
ends_with 3
told 'System Writer'
told 'The registry said no'
good_set
all_released
nothing_left
