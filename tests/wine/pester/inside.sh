# The module's suites in PowerShell 7 for Windows. Sourced by inside.sh.
# shellcheck shell=bash
readonly result=$run/result.txt

# Not these: Source looks at the repository around the module, Btrfs needs that file system.
readonly left_out='Source Btrfs'

# in_powershell MINUTES FILE ARGUMENTS: as an administrator. Without a console PowerShell for Windows ends at once, with
# success: it gets one.
in_powershell() {
    local limit=$(($1 * 60)) file=$2
    shift 2
    in_wine script -qec "timeout --kill-after=10 $limit wine 'Z:\\hvbackup\\native\\elevate.exe' 'Z:\\hvbackup\\out.txt' \
        -console 'Z:\\hvbackup\\ps\\pwsh.exe' -NoProfile -NonInteractive -ExecutionPolicy Bypass \
        -File 'Z:\\hvbackup\\$file' $*" /dev/null < /dev/null
}

rm -f "$run"/prefix/drive_c/fakevss/*.txt
mkdir -p "$run/suites"
rm -f "$run"/suites/*
cp "$here/pester/suite.ps1" "$run/"
: > "$result"
worst=0
in_powershell 5 'module\help\New-Help.ps1' -ModuleFolder 'Z:\\hvbackup\\module' > "$run/help.log" 2>&1 || true
if [[ ! -s $run/module/en-US/HyperVBackup.Cmdlets.dll-Help.xml ]]; then
    cat "$run/help.log"
    echo 'the help was not made' | tee -a "$result"
    worst=1
fi
rm -rf "$run/module/help"
for file in "$run"/pester/*.Tests.ps1; do
    name=$(basename "$file" .Tests.ps1)
    [[ " $left_out " != *" $name "* ]] || continue
    in_powershell 10 suite.ps1 "$name" > "$run/suites/$name.log" 2>&1 || true
    # What PowerShell ends with says nothing: only what it has written down counts.
    if [[ ! -s $run/suites/$name.txt ]]; then
        echo "$name: did not run" | tee -a "$result"
        tail -n 20 "$run/suites/$name.log"
        worst=1
        continue
    fi
    tr -d '\r' < "$run/suites/$name.txt" | tee -a "$result"
    grep -qE ': [1-9][0-9]* passed, 0 failed, .*Passed' "$run/suites/$name.txt" || worst=1
done
shut_down
awk '{ for (i = 2; i <= NF; i++) {
        if ($i == "passed,") passed += $(i - 1)
        if ($i == "failed,") failed += $(i - 1)
        if ($i == "skipped,") skipped += $(i - 1)
    } }
    END { printf "in PowerShell 7 for Windows: %d passed, %d failed, %d skipped\n", passed, failed, skipped }' \
    "$result" > "$run/sum.txt"
tee -a "$result" < "$run/sum.txt"
((worst == 0))
