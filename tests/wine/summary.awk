# The runner's output in a few lines: the counts, and why tests were skipped.
/\[SKIP\]/ { getline; gsub(/^[ \t]+|[ \t\r]+$/, ""); skipped[$0]++; next }
/\[FAIL\]/ { gsub(/^[ \t]+|[ \t\r]+$/, ""); failed[$0]++; next }
match($0, /Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+/) { counts = substr($0, RSTART, RLENGTH) }
END {
    printf "%s under %s: %s (exit code %d)\n", name, wine, counts == "" ? "no summary: the run broke off" : counts, code
    for (reason in skipped) printf "  skipped %d: %s\n", skipped[reason], reason
    for (test in failed) printf "  failed: %s\n", test
}
