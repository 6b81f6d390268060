# What run can run. Sourced by run. Each floor leaves a file in $results that says what ran, and fails when something
# failed.
# shellcheck shell=bash

# The replays of crashes and faults work on files in memory, where Windows code has no part; everywhere else they are
# run in full.
readonly skipped=(-namespace- HyperVBackup.Tests.Reliability)

# inside PART [arguments]: in namespaces of its own: nothing stays mounted or running, whatever happens.
inside() {
    unshare --mount --pid --fork --kill-child bash "$here/inside.sh" "$cache/root" "$run" "$minutes" "$@" < /dev/null
}

# test_project FOLDER RESULT [arguments of the test runner]
test_project() {
    local project=$1 result=$results/$2.txt name code=0
    name=$(basename "$project")
    shift 2
    rm -rf "$run/app"
    publish_for_windows "$project" "$run/app"
    inside tests "$name.exe" "${skipped[@]}" "$@" > "$run/log" 2>&1 || code=$?
    cat "$run/log"
    # A run without a single test is no success.
    grep -q 'Total: [1-9]' "$run/log" || ((code)) || code=1
    awk -f "$here/summary.awk" -v name="$name" -v wine="$(cat "$cache/root/wine-version")" -v code="$code" \
        "$run/log" | tee -a "$result"
    ((code == 0))
}

test_unit() {
    local worst=0 project
    for project in HyperVBackup.Core.Tests HyperVBackup.Cli.Tests; do
        test_project "$repository/tests/$project" unit "$@" || worst=1
    done
    return $worst
}

# The program and the module as they are used, and a PowerShell for Windows, once for all floors that need them.
bring_program() {
    [[ -d $run/program ]] || publish_for_windows "$repository/src/HyperVBackup.Cli" "$run/program"
}

bring_powershell() {
    [[ -d $run/ps ]] && return
    publish_for_windows "$here/powershell/powershell.csproj" "$run/ps"
    local built=$run/cmdlets name
    dotnet build "$repository/src/HyperVBackup.Cmdlets" --nologo -v quiet -c Release \
        --artifacts-path "$run/artifacts" -o "$built"
    mkdir -p "$run/module/lib" "$run/pester"
    for name in HyperVBackup.Core HyperVBackup.Reports HyperVBackup.Cmdlets Newtonsoft.Json; do
        cp "$built/$name.dll" "$run/module/lib/"
    done
    cp "$repository"/module/*.{psm1,ps1xml,json} "$repository/LICENSE" "$run/module/"
    cp -r "$repository/module/en-US" "$repository/module/help" "$run/module/"
    sed "s#'module/#'#" "$repository/HyperVBackup.psd1" > "$run/module/HyperVBackup.psd1"
    cp "$repository"/tests/pester/*.ps1 "$run/pester/"
}

# run_part PART: a floor that writes its own result file.
run_part() {
    local code=0
    rm -f "$run/result.txt"
    inside "$1" > "$run/log" 2>&1 || code=$?
    cat "$run/log"
    [[ ! -s $run/result.txt ]] || cp "$run/result.txt" "$results/$1.txt"
    ((code == 0))
}

test_end_to_end() {
    bring_program
    bring_powershell
    run_part end-to-end
}

test_pester() {
    bring_powershell
    run_part pester
}
