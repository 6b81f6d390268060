# Backups from end to end: hvbackup.exe and the module, on a machine whose vssapi.dll does what a script says.
# Sourced by inside.sh.
# shellcheck shell=bash
source "$here/end-to-end/steps.sh"
for file in "$here"/end-to-end/[0-9]*.sh; do
    # shellcheck source=/dev/null
    source "$file"
done
end_of_scenario
shut_down
echo "end to end: $scenarios scenarios, $failed failed" | tee -a "$result"
((scenarios > 0 && failed == 0))
