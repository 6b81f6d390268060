# Sums of result files: .trx of dotnet test, .txt of tests/wine/run. Prints "PASSED FAILED SKIPPED", then a line for
# every reason to skip, with how many gave it.
function value(name, line) {
    return match(line, name "=\"[0-9]+\"") ? substr(line, RSTART + length(name) + 2, RLENGTH - length(name) - 3) + 0 : 0
}
function clean(text) {
    gsub(/<[^>]*>/, "", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text); gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text); gsub(/&#xD;|&#xA;|\r/, "", text); gsub(/&amp;/, "\\&", text)
    gsub(/^[ \t]+|[ \t]+$/, "", text); return text
}
# What "words" stand behind a number in a line, e.g. "3 passed,".
function before(word, i) {
    for (i = 2; i <= NF; i++) if ($i == word) return $(i - 1) + 0
    return 0
}
# dotnet test
/<UnitTestResult / { isSkipped = /outcome="NotExecuted"/ }
isSkipped && /<(StdOut|Message)>/ { reason = clean($0); if (reason != "") { reasons[reason]++; isSkipped = 0 } }
/<Counters / {
    passed += value("passed", $0); failed += value("total", $0) ? value("executed", $0) - value("passed", $0) : 0
    skipped += value("total", $0) - value("executed", $0)
}
# Wine: projects of tests, suites, scenarios
/ under .*: Total: [0-9]+, Errors: / {
    match($0, /Total: [0-9]+/); total = substr($0, RSTART + 7, RLENGTH - 7) + 0
    match($0, /Errors: [0-9]+/); bad = substr($0, RSTART + 8, RLENGTH - 8) + 0
    match($0, /Failed: [0-9]+/); bad += substr($0, RSTART + 8, RLENGTH - 8)
    match($0, /Skipped: [0-9]+/); left = substr($0, RSTART + 9, RLENGTH - 9) + 0
    passed += total - bad - left; failed += bad; skipped += left
}
/^  skipped [0-9]+: / { reason = $0; sub(/^  skipped [0-9]+: /, "", reason); reasons["under Wine: " reason] += $2 }
/^in PowerShell 7 for Windows: / { passed += before("passed,"); failed += before("failed,"); skipped += $(NF - 1) }
/^end to end: / { passed += before("scenarios,") - $(NF - 1); failed += $(NF - 1) }
END {
    printf "%d %d %d\n", passed, failed, skipped
    for (reason in reasons) printf "skipped %d: %s\n", reasons[reason], reason
}
