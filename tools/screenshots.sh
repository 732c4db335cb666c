#!/usr/bin/env bash
# Starts the Studio on a virtual display with a queue of its own, lets it do the samples, and takes a screenshot of the
# pages the guide shows, reduced to 1200 pixels and 200 colours.
#   tools/screenshots.sh [FOLDER]      (needs xvfb openbox xdotool imagemagick; ORFEAS and DISPLAY_NUMBER overrule the defaults)
set -euo pipefail
out=${1:-docs/shots}
mkdir -p "$out"
scratch=$(mktemp -d)
export DISPLAY=:${DISPLAY_NUMBER:-96} ORFEAS_DATA=$scratch/data XDG_CONFIG_HOME=$scratch/config
children=()
trap 'kill "${children[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$scratch"' EXIT
Xvfb "$DISPLAY" -screen 0 1600x1000x24 >/dev/null 2>&1 &
children+=($!)
sleep 1
openbox >/dev/null 2>&1 &
children+=($!)

shoot() {
	sleep "${SHOT_WAIT:-4}"
	import -window "$window" "$scratch/shot.png"
	convert "$scratch/shot.png" -resize 1200x +dither -colors 200 -strip -define png:compression-level=9 "$out/$1.png"
	echo "$out/$1.png"
}

start() { # pictures
	"${ORFEAS:-./orfeas}" "$@" 2>/dev/null &
	studio=$!
	window=$(timeout 120 xdotool search --sync --onlyvisible --name '^ORFEAS Studio$' | tail -1)
	xdotool windowmove "$window" 100 50 mousemove 1590 990
}

start
shoot empty
kill "$studio"
wait "$studio" 2>/dev/null || true

samples=(assets/samples/duck.png assets/samples/flower.png assets/samples/mushroom.png assets/samples/rocket.png assets/samples/vase.png)
start "${samples[@]}"
children+=("$studio")
for _ in $(seq 180); do
	sleep 1
	[ "$(grep -lsE '"state": ?"(done|failed)"' "$ORFEAS_DATA"/jobs/*/job.json | wc -l)" -lt ${#samples[@]} ] || break
done
sleep 3
n=0
for page in studio library gpu profile models; do
	n=$((n + 1))
	xdotool key --window "$window" "ctrl+$n"
	shoot "$page"
done
