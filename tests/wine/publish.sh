# Builds a test project as a Windows program with its own .NET runtime. Sourced by run.
# shellcheck shell=bash

# publish_for_windows PROJECT OUTPUT [options]
publish_for_windows() {
    local log=$run/publish.log near
    [[ ! -f $cache/runtime ]] || set -- "$@" -p:RuntimeFrameworkVersion="$(cat "$cache/runtime")"
    publish "$@" > "$log" 2>&1 && return

    # The SDK asks for the runtime of its own patch level. A package source that lacks that one may have another.
    near=$(awk '/Unable to find package .*win-x64/ { wanted = 1; next }
        wanted && match($0, /Nearest version: [0-9.]+/) { print substr($0, RSTART + 17, RLENGTH - 17); wanted = 0 }' "$log" | sort -V | tail -n 1)
    if [[ -n $near ]] && publish "$@" -p:RuntimeFrameworkVersion="$near" > "$log" 2>&1; then
        echo "$near" > "$cache/runtime"
        return
    fi
    rm -f "$cache/runtime"
    cat "$log"
    echo "$(basename "$1") could not be built for Windows" >&2
    exit 1
}

# Built beside the repository's own bin and obj, which other builds may be using.
publish() {
    local project=$1 output=$2
    shift 2
    dotnet publish "$project" --nologo -c Release -r win-x64 --self-contained -o "$output" --artifacts-path "$run/artifacts" "$@"
}
