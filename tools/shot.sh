#!/usr/bin/env bash
# Starts the Studio on a virtual display, drops pictures into it with a real pointer, and takes a screenshot.
#   tools/shot.sh OUT.png PICTURE...      (needs xvfb openbox xdotool imagemagick python3-gi gir1.2-gtk-3.0)
set -euo pipefail
out=$1
shift
number=$(mktemp)
Xvfb -displayfd 3 -screen 0 1600x1000x24 3>"$number" >/dev/null 2>&1 & # a display that is free
xvfb=$! studio='' source=''
trap 'kill $studio $source $xvfb 2>/dev/null || true' EXIT
until [ -s "$number" ]; do kill -0 $xvfb && sleep 0.1; done
export DISPLAY=:$(cat "$number")
rm "$number"
sleep 1
openbox >/dev/null 2>&1 &
"${ORFEAS:-./orfeas}" 2>/dev/null &
studio=$!
timeout 60 xdotool search --sync --onlyvisible --name '^ORFEAS Studio$' windowmove 190 90 >/dev/null
tools/dragsrc.py "$@" &
source=$!
timeout 60 xdotool search --sync --onlyvisible --name '^dragsrc$' windowmove 0 0 >/dev/null
sleep 2
xdotool mousemove 60 45 mousedown 1
for step in 200 400 600 800 900; do
	xdotool mousemove "$step" 400
	sleep 0.2
done
xdotool mouseup 1
# A busy machine takes longer: where the jobs are known, wait until each is over, a minute and a half at most.
for _ in $(seq 90); do
	sleep 1
	[ -n "${ORFEAS_DATA:-}" ] || break
	[ "$(grep -lsE '"state": ?"(done|failed)"' "$ORFEAS_DATA"/jobs/*/job.json | wc -l)" -lt $# ] || break
done
sleep "${SHOT_WAIT:-9}"
kill $source
source=''
xdotool mousemove 1580 980
sleep 1
import -window "$(xdotool search --onlyvisible --name '^ORFEAS Studio$' | tail -1)" "$out"
