#!/usr/bin/env bash
# Installs the system packages that building (and testing) ORFEAS Studio needs, where it may; says which otherwise.
#   tools/setup.sh build|test
set -euo pipefail

go_needed=$(sed -n 's/^go //p' "$(dirname "$0")/../go.mod")

build_packages=(gcc pkg-config libgl1-mesa-dev xorg-dev libxkbcommon-dev libgtk-3-dev libegl1 libgl1-mesa-dri)
test_packages=(xvfb xauth openbox xdotool imagemagick python3-gi gir1.2-gtk-3.0)

say_packages() {
	echo "These system packages are missing: $*"
	echo "Install them with one of:"
	echo "  Debian, Ubuntu:  sudo apt-get install ${build_packages[*]} ${test_packages[*]}"
	echo "  Fedora:          sudo dnf install gcc pkgconf mesa-libGL-devel mesa-libEGL mesa-dri-drivers libX11-devel libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel libxkbcommon-devel gtk3-devel xorg-x11-server-Xvfb"
	echo "  Arch:            sudo pacman -S gcc pkgconf mesa libxcursor libxrandr libxinerama libxi libxxf86vm libxkbcommon gtk3 xorg-server-xvfb"
}

check_go() {
	if ! command -v go >/dev/null; then
		echo "Go is not installed. Take version $go_needed or later from https://go.dev/dl, or your distribution's newest."
		exit 1
	fi
	# Go 1.21 and later fetch the version go.mod names by themselves.
	if ! go version >/dev/null 2>&1 || ! go list -m >/dev/null 2>&1; then
		echo "This Go ($(go env GOVERSION 2>/dev/null || echo unknown)) cannot build the project: version $go_needed or later is needed."
		exit 1
	fi
}

missing_on_debian() {
	local p
	for p in "$@"; do
		dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed' || echo "$p"
	done
}

install() {
	local root=()
	if [ "$(id -u)" != 0 ]; then
		if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
			root=(sudo)
		else
			say_packages "$@"
			exit 1
		fi
	fi
	echo "installing $*"
	local log
	log=$(mktemp)
	if ! { "${root[@]}" apt-get update -q && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@"; } >"$log" 2>&1; then
		tail -20 "$log"
		say_packages "$@"
		exit 1
	fi
	rm -f "$log"
}

main() {
	check_go
	local wanted=("${build_packages[@]}")
	[ "${1:-build}" = test ] && wanted+=("${test_packages[@]}")
	if command -v dpkg-query >/dev/null; then
		local missing
		mapfile -t missing < <(missing_on_debian "${wanted[@]}")
		[ ${#missing[@]} = 0 ] || install "${missing[@]}"
	elif ! command -v gcc >/dev/null || ! pkg-config --exists gtk+-3.0 gl x11 xcursor xrandr xinerama xi xxf86vm 2>/dev/null; then
		say_packages "some of those below"
		exit 1
	fi
}

main "$@"
