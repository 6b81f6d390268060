# What scenarios are written with. Sourced by end-to-end/inside.sh.
# shellcheck shell=bash

readonly result=$run/result.txt
readonly fake=$run/prefix/drive_c/fakevss
readonly state=$run/prefix/drive_c/ProgramData/HyperVBackup
# Somebody else's shadow copy, as the fake keeps it: its id and its set's, volume, device, where it is exposed, and
# so on.
volume='\\?\Volume{00000000-0000-0000-0000-000000000054}\'
device='\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy0'
foreign="{AAAAAAAA-0000-0000-0000-000000000001} {AAAAAAAA-0000-0000-0000-000000000002}"
foreign+=" $volume $device - - 131077 133000000000000000 0"
readonly volume device foreign
readonly machine=0A1B2C3D-1111-2222-3333-444455556666
scenarios=0 failed=0 name='' problems=() code=0 out=''
: > "$result"

# scenario NAME: what follows is one. It begins with an idle service that holds somebody else's shadow copy, and a
# target of its own.
scenario() {
    end_of_scenario
    name=$1 problems=() out='' code=0
    scenarios=$((scenarios + 1))
    target=t$scenarios
    rm -rf "${run:?}/target/$target"
    mkdir -p "$run/target/$target"
    printf '%s\n' "$foreign" > "$fake/shadows.txt"
    rm -f "$fake/calls.log" "$fake/go"
    says
}

end_of_scenario() {
    [[ -n $name ]] || return 0
    if ((${#problems[@]} == 0)); then echo "ok      $name" | tee -a "$result"; return 0; fi
    failed=$((failed + 1))
    echo "FAILED  $name" | tee -a "$result"
    printf '        %s\n' "${problems[@]}" | tee -a "$result"
    echo "--- what was said:"; echo "$out"
    echo "--- what was called:"; cat "$fake/calls.log" 2> /dev/null || true
}

problem() { problems+=("$*"); }

# says LINE...: what the service does, beside having the machine web01; see fakevss/fake.h.
says() {
    {
        printf 'machine|%s|Online\\web01|T:\\VMs\\web01\\%s|%s|0\n' \
            "$machine" 'Virtual Hard Disks' 'web01.vhdx' "$machine" 'Virtual Machines' "$machine.vmcx"
        printf '%s\n' "$@"
    } > "$fake/script.txt"
}

# hv ARGUMENTS: hvbackup.exe as an administrator. Its output is in $out, its exit code in $code.
hv() { hv_into out.txt "$@"; }

# hv_into FILE ARGUMENTS: the same, with another file for its output.
hv_into() {
    local file=$1
    shift
    code=0
    rm -f "$run/$file"
    in_wine timeout 300 wine native/elevate.exe "Z:\\hvbackup\\$file" "${interrupt[@]}" \
        'Z:\hvbackup\program\hvbackup.exe' "$@" || code=$?
    out=$(tr -d '\r' < "$run/$file" 2> /dev/null || true)
}
interrupt=()

backup() { hv backup 'T:\VMs' --to "U:\\$target" "$@"; }

# run_plan [RETRIES]: a plan for web01, with tries at once after one another.
run_plan() {
    cat > "$run/plan.json" << END
{
  "name": "e2e", "virtualMachines": "web01", "virtualMachineTargets": "U:\\\\$target", "verify": true,
  "shadow": { "provider": "vss", "retries": ${1:-2}, "retryDelaySeconds": 0 }
}
END
    hv run 'Z:\hvbackup\plan.json'
}

# pwsh SCRIPT: the module in PowerShell for Windows, as an administrator. What the script puts out is in $out.
pwsh() {
    code=0
    rm -f "$run/out.txt" "$run/said.txt"
    {
        echo '$ErrorActionPreference = "Stop"; $ProgressPreference = "SilentlyContinue"'
        echo '$all = try { Import-Module "Z:\hvbackup\module\HyperVBackup.psd1"; & {'
        echo "$1"
        echo '} *>&1 | Out-String -Width 300 } catch { "threw: $($_.FullyQualifiedErrorId) $($_.Exception.Message)" }'
        echo '[System.IO.File]::WriteAllText("Z:\hvbackup\said.txt", "It ran. $all")'
    } > "$run/script.ps1"
    in_wine timeout 300 wine native/elevate.exe 'Z:\hvbackup\out.txt' \
        'Z:\hvbackup\ps\pwsh.exe' -Script 'Z:\hvbackup\script.ps1' || code=$?
    [[ -s $run/said.txt ]] || problem "PowerShell did not run the script (exit code $code): $(cat "$run/out.txt")"
    out=$(tr -d '\r' < "$run/said.txt" 2> /dev/null || true)
}

# Waits until the service has seen a call; a minute and more under load, and not for ever.
wait_for_call() {
    local _
    for _ in $(seq 900); do
        ! grep -q "^$1" "$fake/calls.log" 2> /dev/null || return 0
        sleep 0.2
    done
}

calls() { tr -d '\r' < "$fake/calls.log" 2> /dev/null || true; }

ends_with() { ((code == $1)) || problem "it ended with $code, not $1"; }
told() { [[ $(tr '\n' ' ' <<< "$out" | tr -s ' ') == *"$1"* ]] || problem "it did not say: $1"; }
not_told() { [[ $out != *"$1"* ]] || problem "it said: $1"; }
# The log of the run, which is UTF-8 whatever the console is.
in_log() { grep -qF "$1" "$state/logs/last.log" || problem "its log does not say: $1"; }
# called NUMBER CALL: so often.
called() {
    local count
    count=$(calls | grep -cE "^$2( |\$)" || true)
    ((count == $1)) || problem "$2 was called $count times, not $1"
}
logged() { calls | grep -qF -- "$1" || problem "the service did not see: $1"; }
not_logged() { ! calls | grep -qF -- "$1" || problem "the service saw: $1"; }
# Every instance was released, with everything it had handed out; nothing was called out of order.
all_released() {
    local made released
    made=$(calls | grep -c '^CreateVssBackupComponents' || true)
    released=$(calls | grep -c '^Release; still living: nothing' || true)
    ((made > 0 && made == released)) || problem "$made instances were made, $released released with everything"
    not_logged 'refused: out of order'
    not_logged 'released in the middle'
    not_logged 'without an end'
}
# Of the shadow copies only somebody else's is left, and the journal names none.
nothing_left() {
    local kept
    kept=$(LC_ALL=C tr -d '\r\357\273\277' < "$fake/shadows.txt")
    [[ $kept == "$foreign" ]] || problem "shadow copies: $kept"
    [[ -z $(find "$state/shadows" -name '*.json' 2> /dev/null) ]] \
        || problem "the journal still names: $(cat "$state"/shadows/*.json)"
}
readonly disk='Virtual Hard Disks/web01.vhdx'
# The set on the target holds what the machine's disk holds.
good_set() {
    local copy
    copy=$(find "$run/target/$target" -name web01.vhdx 2> /dev/null | head -1)
    cmp -s "$run/drive/VMs/web01/$disk" "$copy" || problem 'the copy of the disk differs'
}
no_set() {
    local complete
    complete=$(find "$run/target/$target" -name set.json -exec grep -l '"Complete"' {} + 2> /dev/null || true)
    [[ -z $complete ]] || problem "there is a complete set: $complete"
}

mkdir -p "$run/drive/VMs/web01/Virtual Hard Disks" "$run/drive/VMs/web01/Virtual Machines"
head -c 400003 /dev/urandom > "$run/drive/VMs/web01/$disk"
head -c 4099 /dev/urandom > "$run/drive/VMs/web01/Virtual Machines/$machine.vmcx"
