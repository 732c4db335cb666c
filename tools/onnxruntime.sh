#!/usr/bin/env bash
# Puts the ONNX Runtime library into the user's cache. Only engines with a network need it, so its absence is said, and is
# not an error. The library is checked against a known SHA-256 every time.
#
# The npm package and the official release are two builds of the same version. The checksums of the npm one are pinned
# here. The release is only taken from a user who says, in ORFEAS_ORT_SHA256, which checksum its library must have.
set -euo pipefail

version=1.24.3
cache="${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/orfeas/onnxruntime/$version"
library="$cache/libonnxruntime.so.1"
# Said once is enough: the checksum is kept beside the library.
chosen="${ORFEAS_ORT_SHA256:-$(cat "$library.sha256" 2>/dev/null || true)}"

without() {
	echo "ONNX Runtime: $*; the engines without a network work all the same"
	exit 0
}

case "$(uname -s)-$(uname -m)" in
Linux-x86_64) npm_arch=x64 release_arch=x64 pinned=92ba8e44d31b80a34f5e805076a044122c3be1fffe0d88ed790de7267b0b2682 ;;
Linux-aarch64) npm_arch=arm64 release_arch=aarch64 pinned=33032cb5b91c12edbf028d7c69fa40a31848d66c0095448758af237d5e0b07db ;;
*) without "there is none to fetch for $(uname -s) $(uname -m)" ;;
esac

has_sum() { [ -f "$1" ] && echo "$2  $1" | sha256sum -c --status 2>/dev/null; }

right() { has_sum "$1" "$pinned" || { [ -n "$chosen" ] && has_sum "$1" "$chosen"; }; }

keep() {
	right "$1" || return 1
	[ -z "$chosen" ] || echo "$chosen" >"$library.sha256"
	mv "$1" "$library"
	echo "ONNX Runtime $version is in $library"
}

from_npm() {
	command -v npm >/dev/null || return 1
	echo "fetching ONNX Runtime $version from npm (86 MB, once)"
	(cd "$work" && npm pack --silent --fetch-retries=1 --fetch-retry-mintimeout=1000 "onnxruntime-node@$version" >/dev/null 2>&1) || return 1
	tar -xzf "$work/onnxruntime-node-$version.tgz" -C "$work" --strip-components=5 "package/bin/napi-v6/linux/$npm_arch/libonnxruntime.so.1" || return 1
	mv "$work/libonnxruntime.so.1" "$work/npm.so"
}

from_release() {
	local name="onnxruntime-linux-$release_arch-$version"
	command -v curl >/dev/null || return 1
	echo "fetching ONNX Runtime $version from its release archive (once)"
	curl -fsSL --retry 1 --connect-timeout 10 -o "$work/release.tgz" \
		"https://github.com/microsoft/onnxruntime/releases/download/v$version/$name.tgz" 2>/dev/null || return 1
	tar -xzf "$work/release.tgz" -C "$work" || return 1
	cp -L "$work/$name/lib/libonnxruntime.so" "$work/release.so"
}

if right "$library"; then
	exit 0
fi
[ ! -e "$library" ] || echo "ONNX Runtime: the copy in $cache is not the expected one and was thrown away"
rm -rf "$library"
mkdir -p "$cache"
find "$cache" -maxdepth 1 -name 'fetch.*' -mmin +60 -exec rm -rf {} + # left by a run that was killed
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if from_npm; then
	keep "$work/npm.so" && exit 0
	echo "ONNX Runtime: what npm sent has an unexpected SHA-256 and was thrown away"
fi
[ -n "$chosen" ] || without "not fetched from npm, and the release archive is not taken unverified (ORFEAS_ORT_SHA256 may say the checksum of its libonnxruntime.so)"
from_release || without "neither npm nor the release archive can be reached"
keep "$work/release.so" || without "the release's library does not have the SHA-256 in ORFEAS_ORT_SHA256 and was thrown away"
