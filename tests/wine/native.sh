# The native parts that tests bring to the machine. Sourced by run.
# shellcheck shell=bash

# Installs the compiler for Windows, where it is not there. Prints why not, and fails, where that cannot be done.
install_compiler() {
    command -v x86_64-w64-mingw32-g++ > /dev/null && return
    local install=(apt-get install -y --no-install-recommends g++-mingw-w64-x86-64) done=0
    export DEBIAN_FRONTEND=noninteractive
    { "${install[@]}" || { apt-get update && "${install[@]}"; }; } > "$cache/compiler.log" 2>&1 || done=$?
    ((done == 0)) || { echo "the compiler for Windows could not be installed; $cache/compiler.log says why"; return 1; }
}

# build_native OUTPUT: a vssapi.dll that does what a script says, and a program that starts others with elevated rights.
build_native() {
    mkdir -p "$1"
    x86_64-w64-mingw32-g++ -O1 -Wall -shared -static -o "$1/vssapi.dll" "$here"/fakevss/*.cpp -lole32 -loleaut32 -luuid
    x86_64-w64-mingw32-gcc -O1 -Wall -municode -o "$1/elevate.exe" "$here/elevate.c" -lshell32
}
