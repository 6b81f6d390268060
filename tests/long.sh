#!/bin/bash
# The long part of docs/reliability.md in one command: every crash point, fault, mutated input and power cut, then kills. Prints the figures; the exit code is 1 when anything failed.
#
#   tests/long.sh [kills]        500 kills without; as root also the real file systems
#
# As many at once as there are processors; about an hour on two.
set -uo pipefail

readonly repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly logs=$(mktemp -d "${TMPDIR:-/tmp}/hvbackup-long.XXXXXX")
dotnet build "$repository/tests/HyperVBackup.Core.Tests" -c Release -v q --nologo || exit 1

export HVBACKUP_LONG_TESTS=1
# A thousand crashed disks are made and thrown away: with more room between collections that costs a third less.
export DOTNET_GCgen0size=10000000 logs
export tests=$repository/tests/HyperVBackup.Core.Tests/bin/Release/net10.0/HyperVBackup.Core.Tests

part() {
    local log=$logs/${1//\*/}.log
    "$tests" -method "HyperVBackup.Tests.$1*" -parallel none -noColor -showLiveOutput > "$log" 2>&1
    local code=$?
    sed -n 's/.*\[OUTPUT\] //p; s/^ *\(HyperVBackup.*\[\(FAIL\|SKIP\)\]\)/\1/p' "$log"
    ((code == 0)) || echo "FAILED: $1, see $log"
    return "$code"
}
export -f part

# The longest first.
printf '%s\n' Reliability.ParserMutationTests Mirroring.RandomMirrorTests Reliability.EveryCrashPointTests.{A_run,Between,On_volumes,When,A_mirror,A_restore} \
    Reliability.FaultInjectionTests Reliability.PowerCutDiskTests Disks.DiskMutationTests Reliability.FullDiskTests Reliability.HostileInputTests |
    xargs -P "$(nproc)" -I '{}' bash -c 'part "{}"'
failed=$?
unset DOTNET_GCgen0size
"$repository/tests/kill/run.sh" "${1:-500}" || failed=1
((failed == 0)) && rm -rf "$logs"
exit $((failed != 0))
