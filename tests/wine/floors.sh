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
