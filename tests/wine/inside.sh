#!/bin/bash
# Runs something on a Windows machine in a folder. Started by run, in a mount and process namespace of its own.
#   inside.sh ROOT RUN MINUTES PART [arguments of the part]
# PART: tests EXECUTABLE [arguments of the test runner] | end-to-end | pester
set -euo pipefail
readonly root=$1 run=$2 minutes=$3 part=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
shift 4

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$run" "$root/hvbackup"
source "$here/box.sh"
[[ -d $run/prefix/dosdevices ]] || make_box

case $part in
    tests)
        code=0
        box_folder=/hvbackup/app in_wine timeout --kill-after=10 "$((minutes * 60))" wine "$@" -noColor || code=$?
        shut_down
        exit "$code"
        ;;
    *)
        source "$here/$part/inside.sh"
        ;;
esac
