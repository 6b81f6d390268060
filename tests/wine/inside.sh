#!/bin/bash
# Runs one test executable under Wine. Started by run, in a mount and process namespace of its own.
#   inside.sh ROOT RUN MINUTES EXECUTABLE [arguments of the test runner]
set -euo pipefail
readonly root=$1 run=$2 minutes=$3 executable=$4
shift 4

mount -t proc proc "$root/proc"
mount --bind "$run" "$root/hvbackup"

in_wine() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        WINEPREFIX=/hvbackup/prefix WINEARCH=win64 WINEDEBUG=-all 'WINEDLLOVERRIDES=mshtml=d;winedbg.exe=d' \
        HVBACKUP_TEST_SHADOW='\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1' HVBACKUP_TEST_SHADOW_OF='C:\shadow' \
        HVBACKUP_TEST_SHARE='\\hvbackup\share' HVBACKUP_TEST_DRIVE='T:\' \
        "$(command -v chroot)" "$root" sh -c 'cd /hvbackup/app && exec "$@"' - "$@"
}

in_wine wineboot --init > /dev/null 2>&1
# The shadow copy of a volume, a share, and a second drive, as far as Wine can have them: names that lead to folders.
dos=$run/prefix/dosdevices
mkdir -p "$run/prefix/drive_c/shadow/vm/Virtual Machines" "$run/prefix/drive_c/shadow/vm/Snapshots" "$run/share" "$run/drive" "$dos/globalroot/Device" "$dos/unc/hvbackup"
head -c 1000003 /dev/urandom > "$run/prefix/drive_c/shadow/vm/disk.vhdx"
head -c 4097 /dev/urandom > "$run/prefix/drive_c/shadow/vm/Virtual Machines/web.vmcx"
ln -sfn ../../../drive_c/shadow "$dos/globalroot/Device/HarddiskVolumeShadowCopy1"
ln -sfn /hvbackup/share "$dos/unc/hvbackup/share"
ln -sfn /hvbackup/drive "$dos/t:"

in_wine timeout --kill-after=10 "$((minutes * 60))" wine "$executable" -noColor "$@"
