# Installs Wine into $cache/root, once. Sourced by run.
# shellcheck shell=bash

# Prints why not, and fails: with 1 where it cannot be done here, with 2 where it should have worked.
install_wine() {
    [[ $(uname -s) == Linux && $(uname -m) == x86_64 ]] || { echo "this is not Linux on x86-64"; return 1; }
    ((EUID == 0)) || { echo "it needs root, to install and to mount, and this is not root"; return 1; }
    command -v dotnet > /dev/null || { echo "there is no .NET SDK to build them with"; return 1; }
    unshare --mount --pid --fork true 2> /dev/null || { echo "this machine does not allow namespaces"; return 1; }
    command -v apt-get > /dev/null || { echo "it is installed from Debian's packages, and there is no apt-get"; return 1; }

    mkdir -p "$cache"
    install_compiler || return 2
    [[ -f $cache/root/wine-version ]] && return
    exec 9> "$cache/lock"
    flock 9
    local done=0
    [[ -f $cache/root/wine-version ]] || bash "$here/build.sh" "$cache" > "$cache/install.log" 2>&1 9>&- || done=$?
    exec 9>&-
    ((done == 0)) || { echo "it could not be installed; $cache/install.log says why"; return 2; }
}
