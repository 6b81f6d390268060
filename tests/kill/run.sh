#!/bin/bash
# Kills backups at random instants (SIGKILL, as the out-of-memory killer or an impatient administrator does) and checks after each that nothing was lost.
#
#   tests/kill/run.sh [kills]        how many that hit; 300 without
#
# Only kills that hit count: the process must have died of it. Two of three instants are drawn from the whole time a run takes, as the runs before it took. The third
# is aimed at the moments that random instants seldom meet: a process waits until a target's set.json is replaced (at the begin, or at the commit) and kills then, or
# some milliseconds later.
# After each kill every target must list a complete set, and every set that says it is complete must verify. Every tenth time a backup is let finish: it must
# succeed, its set must equal the sources, and nothing may be left of the killed ones. Now and then two are started at once: one of them is told so (exit code 4).
# HVBACKUP_DLL names a built hvbackup.dll; without it, it is built. HVBACKUP_KILL_SEED repeats the choices (not the timing). The exit code is 1 when anything was wrong.
set -uo pipefail

readonly kills=${1:-300}
readonly repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly work=$(mktemp -d "${TMPDIR:-/tmp}/hvbackup-kill.XXXXXX")
trap 'rm -rf "$work"' EXIT
RANDOM=${HVBACKUP_KILL_SEED:-4711}
export HVBACKUP_STATE=$work/state
readonly kept=${TMPDIR:-/tmp}
# Where the runtime of a killed process leaves its sockets.
mkdir "$work/tmp"
export TMPDIR=$work/tmp
readonly targets=("$work/D" "$work/E")
survived=0 finished=0 verified=0 whole=0 refused=0
declare -A hit=()

dll=${HVBACKUP_DLL:-}
if [[ -z $dll ]]; then
    dotnet build "$repository/src/HyperVBackup.Cli" -c Release -o "$work/app" -v q --nologo > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
    dll=$work/app/hvbackup.dll
fi

fail() {
    echo "FAILED after $((survived + finished)) runs: $*"
    cp -r "$work" "$kept/hvbackup-kill-failed.$$"
    echo "What was there is kept in $kept/hvbackup-kill-failed.$$"
    exit 1
}

hvbackup() { dotnet "$dll" "$@"; }

# In the background its process is dotnet's own, so that this is what gets killed.
backup() { exec dotnet "$dll" backup "$work/C/VHD" "$work/C/CFG" --to "${targets[@]}" --provider copy --json; }

noise() { # file, offset in KiB, KiB
    dd if=/dev/urandom of="$1" bs=1K seek="$2" count="$3" conv=notrunc status=none
}

change() {
    local i
    for i in 1 2 3; do noise "$work/C/VHD/web.vhdx" $((RANDOM % 24000)) $((RANDOM % 600 + 1)); done
    for i in 1 2 3 4 5 6; do head -c $((RANDOM * 4)) /dev/urandom > "$work/C/CFG/file$((RANDOM % 40)).xml"; done
    rm -f "$work/C/CFG/file$((RANDOM % 40)).xml"
    local turn=$work/C/VHD/turn$((RANDOM % 3))
    if [[ -d $turn ]]; then rm -rf "$turn"; noise "$turn" 0 7; else rm -f "$turn"; mkdir "$turn"; noise "$turn/inner" 0 9; fi
    case $((RANDOM % 4)) in
        0) truncate -s $((RANDOM * 300)) "$work/C/VHD/grows.vhd" ;;
        1) noise "$work/C/VHD/grows.vhd" $((RANDOM % 9000)) 20 ;;
        2) mv -f "$work/C/VHD/grows.vhd" "$work/C/VHD/moved.avhdx" 2> /dev/null || noise "$work/C/VHD/grows.vhd" 5000 1 ;;
    esac
}

check() {
    local target set sets
    for target in "${targets[@]}"; do
        sets=$(hvbackup list "$target" --json | grep -o '"set": "[^"]*"\|"state": "[^"]*"\|"problem": {' | sed 's/.*: //; s/"//g' | paste -sd' ')
        [[ $sets == *'{'* || $sets == *amaged* ]] && fail "a set on $target is not recognised: $sets"
        [[ $sets == *omplete* ]] || fail "no complete set on $target: $sets"
        for set in SetA SetB; do
            [[ $sets =~ $set\ [Cc]omplete ]] || continue
            hvbackup verify "$target" --set "$set" --json > "$work/verify.json" || fail "$set on $target says it is complete and does not verify: $(cat "$work/verify.json")"
            ((verified++))
        done
    done
}

finish() {
    local code set target
    (backup) > "$work/last.json" 2> "$work/last.err"; code=$?
    ((code == 0 || code == 3)) || fail "a backup after kills ended with $code: $(cat "$work/last.json" "$work/last.err")"
    ((whole++))
    set=$(grep -o '"set": "[^"]*"' "$work/last.json" | head -1 | cut -d'"' -f4)
    for target in "${targets[@]}"; do
        diff -r --no-dereference "$work/C/VHD" "$target/Backup-$set/VHD" > "$work/diff" && diff -r "$work/C/CFG" "$target/Backup-$set/CFG" >> "$work/diff" || fail "$set on $target differs: $(head -3 "$work/diff")"
    done
    # The set of the killed runs was just written; the other one was not touched by them.
    find "${targets[@]}" -name '.hvbackup-tmp-*' -o -name '*.new' -o -name '.hvbackup.lock' | grep . && fail "something is left of killed runs"
    [[ -z $(find "$HVBACKUP_STATE/shadows" -name '*.json' 2> /dev/null) ]] || fail "the journal is not empty"
}

two_at_once() {
    local one two
    backup > "$work/one.json" 2>&1 & one=$!
    backup > "$work/two.json" 2>&1 & two=$!
    wait "$one"; one=$?
    wait "$two"; two=$?
    case "$one $two" in
        "0 4" | "4 0" | "3 4" | "4 3") ((refused++)) ;;
        "0 0" | "0 3" | "3 0" | "3 3") ;; # One after the other, by chance.
        *) fail "two backups at once ended with $one and $two: $(cat "$work/one.json" "$work/two.json")" ;;
    esac
}

# Which part of a run a kill hit, by what it left on the targets.
phase() {
    local target said=""
    for target in "${targets[@]}"; do said+=$(head -c 1000 "$target"/Backup-Set?/.hvbackup/set.json | grep -c '"state": "writing"'); done
    case $said in
        00) [[ $(sequences) == "$before" ]] && echo "before it wrote" || echo "after it committed" ;;
        11) [[ -n $(find "${targets[@]}" -name '*.manifest.new' -o -name '.hvbackup-tmp-*' | head -1) ]] && echo "while it copied" || echo "between copying and committing" ;;
        *) echo "between the targets" ;;
    esac
}

sequences() { grep -ho '"sequence": [0-9]*' "${targets[@]/%//Backup-SetA/.hvbackup/set.json}" "${targets[@]/%//Backup-SetB/.hvbackup/set.json}" | paste -sd' '; }

# Waits until one of a target's set.json has been replaced so often, and then some.
wait_for() { # pid, target, how often, milliseconds
    local -a first=() now=()
    local seen=0
    first=("$2"/Backup-Set?/.hvbackup/set.json)
    local was
    was=$(stat -c %i "${first[@]}" | paste -sd' ')
    while kill -0 "$1" 2> /dev/null; do
        now=$(stat -c %i "${first[@]}" 2> /dev/null | paste -sd' ')
        if [[ $now != "$was" ]]; then
            was=$now
            ((++seen >= $3)) && break
        fi
    done
    (($4 == 0)) || sleep "0.$(printf %03d "$4")"
}

mkdir -p "$work/C/VHD" "$work/C/CFG" "${targets[@]}"
noise "$work/C/VHD/web.vhdx" 0 24000
noise "$work/C/VHD/grows.vhd" 0 3000
for i in {1..40}; do head -c $((RANDOM * 4)) /dev/urandom > "$work/C/CFG/file$i.xml"; done
change
(backup) > "$work/first.json" || fail "the first backup: $(cat "$work/first.json")"
change
start=$(date +%s%N)
(backup) > "$work/second.json" || fail "the second backup: $(cat "$work/second.json")"
typical=$((($(date +%s%N) - start) / 1000000))
echo "A backup takes $typical ms; killing $kills."

while ((survived < kills)); do
    change
    before=$(sequences)
    start=$(date +%s%N)
    backup > "$work/killed.json" 2>&1 & pid=$!
    if ((RANDOM % 3 == 0)); then
        wait_for "$pid" "${targets[RANDOM % 2]}" $((RANDOM % 2 + 1)) $((RANDOM % 4 == 0 ? RANDOM % 30 : 0))
    else
        delay=$(((RANDOM * 32768 + RANDOM) % typical))
        sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    fi
    kill -9 "$pid" 2> /dev/null
    wait "$pid" 2> /dev/null; code=$?
    if ((code == 137)); then
        ((survived++))
        at=$(phase)
        hit[$at]=$((${hit[$at]:-0} + 1))
    else
        ((code == 0 || code == 3)) || fail "a backup that was faster than its kill ended with $code: $(cat "$work/killed.json")"
        ((finished++))
        # Follows what the machine does at this hour.
        typical=$(((typical * 3 + ($(date +%s%N) - start) / 1000000) / 4))
    fi
    check
    (((survived + finished) % 10 == 0)) && finish
    (((survived + finished) % 50 == 25)) && two_at_once
    (((survived + finished) % 50 == 0)) && echo "$survived killed, $finished were faster; $verified sets verified."
done
finish
check
echo "$survived kills survived ($finished more backups were faster than the kill): $verified sets verified, $whole backups finished afterwards and equal to their sources, $refused times the second of two was refused. Nothing was lost."
for at in "${!hit[@]}"; do echo "  ${hit[$at]} hit it $at"; done | sort
