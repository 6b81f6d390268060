# A Windows machine in a folder: what every floor runs in. Sourced by inside.sh, in namespaces of its own.
# shellcheck shell=bash

# in_wine COMMAND...: on the machine, in the folder /hvbackup (Z:\hvbackup) that is $run outside.
in_wine() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 OANOCACHE=1 \
        WINEPREFIX=/hvbackup/prefix WINEARCH=win64 WINEDEBUG=-all 'WINEDLLOVERRIDES=vssapi=n,b;mshtml=d;winedbg.exe=d' \
        HVBACKUP_TEST_SHADOW='\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy9' HVBACKUP_TEST_SHADOW_OF='C:\shadow' \
        HVBACKUP_TEST_SHARE='\\hvbackup\share' HVBACKUP_TEST_DRIVE='T:\' HVBACKUP_TEST_VSSAPI='C:\fakevss' \
        POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off 'PSModulePath=Z:\hvbackup\modules' \
        "$(command -v chroot)" "$root" sh -c 'cd "$0" && exec "$@"' "${box_folder:-/hvbackup}" "$@"
}

# What the machine has to write down is lost unless it is shut down in this way.
shut_down() {
    in_wine wineserver -k || true
    in_wine wineserver -w || true
}

# The machine: its registry, the shadow copies of volumes, a share, and two more drives, as far as Wine can have them:
# names that lead to folders. What has a drive letter is only looked at when the machine starts.
make_box() {
    local dos=$run/prefix/dosdevices number
    mkdir -p "$run/prefix"
    in_wine wineboot --init > /dev/null 2>&1
    shut_down
    local c=$run/prefix/drive_c
    mkdir -p "$c/shadow/vm/Virtual Machines" "$c/shadow/vm/Snapshots" "$c/fakevss" \
        "$run/share" "$run/drive" "$run/target" "$dos/globalroot/Device" "$dos/unc/hvbackup"
    head -c 1000003 /dev/urandom > "$run/prefix/drive_c/shadow/vm/disk.vhdx"
    head -c 4097 /dev/urandom > "$run/prefix/drive_c/shadow/vm/Virtual Machines/web.vmcx"
    ln -sfn ../../../drive_c/shadow "$dos/globalroot/Device/HarddiskVolumeShadowCopy9"
    for number in 1 2 3 4; do
        ln -sfn "../../../drive_c/fakevss/shadow$number" "$dos/globalroot/Device/HarddiskVolumeShadowCopy$number"
    done
    ln -sfn /hvbackup/share "$dos/unc/hvbackup/share"
    ln -sfn /hvbackup/drive "$dos/t:"
    ln -sfn /hvbackup/target "$dos/u:"
    cp "$run/native/vssapi.dll" "$run/prefix/drive_c/windows/system32/"
    local service='HKLM\SYSTEM\CurrentControlSet\Services\VSS'
    in_wine wine reg add "$service" /v Start /t REG_DWORD /d 3 /f > /dev/null 2>&1
    shut_down
}
