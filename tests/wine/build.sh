#!/bin/bash
# Builds $1/root: Debian with Wine, from the archive that this machine's own apt uses. Started by install.sh; whatever fails, fails it.
set -euxo pipefail
readonly cache=$1
readonly new=$cache/root.new
readonly suite=trixie
readonly packages=(wine wine64)

# The archive that this machine's own apt is set up for.
debian_mirror() {
    local found
    found=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME)' 'Identifier: Packages' 2> /dev/null \
        | awk '$1 == "Debian" && $3 !~ /-/ && $2 ~ /^https?:/ { print $2 }' | sed -n 1p) || true
    [[ -n $found ]] || found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2> /dev/null \
        | grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | sed -n 1p | tr -d ' ') || true
    [[ -n $found ]] || { echo "no Debian archive in the sources of apt" >&2; return 1; }
    echo "${found%/}"
}

rm -rf --one-file-system "$new"
command -v debootstrap || DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap \
    || { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap; }
mirror=$(debian_mirror)
proxy=$(apt-config shell value Acquire::http::Proxy | sed -n "s/^value='\(.*\)'$/\1/p")
[[ -z $proxy ]] || export http_proxy=${http_proxy:-$proxy}

include=()
[[ $mirror == https:* ]] && include=(--include=ca-certificates)
debootstrap --variant=minbase --arch=amd64 "${include[@]}" "$suite" "$new" "$mirror"

# Names, proxies and certificates as this machine has them; no service may start.
cp -L /etc/resolv.conf "$new/etc/resolv.conf"
apt-config dump | grep -i '^Acquire::.*proxy' > "$new/etc/apt/apt.conf.d/90proxy" || true
[[ ! -f /etc/ssl/certs/ca-certificates.crt || ! -d $new/etc/ssl/certs ]] || cp /etc/ssl/certs/ca-certificates.crt "$new/etc/ssl/certs/"
printf '#!/bin/sh\nexit 101\n' > "$new/usr/sbin/policy-rc.d"
chmod +x "$new/usr/sbin/policy-rc.d"

in_root() { unshare --mount --pid --fork --kill-child bash -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' - "$new" "$@"; }
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
in_root apt-get update
in_root apt-get install -y --no-install-recommends "${packages[@]}"
in_root apt-get clean
mkdir -p "$new/hvbackup"
in_root wine --version > "$new/wine-version" 2> /dev/null
grep -q '^wine-' "$new/wine-version"
rm -rf --one-file-system "$cache/root"
mv "$new" "$cache/root"
