#!/usr/bin/env bash
# Puts the ONNX Runtime library into the user's cache. Only engines with a network need it, so its absence is said, and is
# not an error. The library is checked against a known SHA-256 every time.
set -euo pipefail

version=1.24.3
cache="${XDG_CACHE_HOME:-$HOME/.cache}/orfeas/onnxruntime/$version"
library="$cache/libonnxruntime.so.1"

case "$(uname -s)-$(uname -m)" in
Linux-x86_64) arch=x64 sum=92ba8e44d31b80a34f5e805076a044122c3be1fffe0d88ed790de7267b0b2682 ;;
Linux-aarch64) arch=arm64 sum=33032cb5b91c12edbf028d7c69fa40a31848d66c0095448758af237d5e0b07db ;;
*)
	echo "ONNX Runtime: not fetched for $(uname -s) $(uname -m); engines without a network work without it"
	exit 0
	;;
esac

right() { [ -f "$1" ] && echo "$sum  $1" | sha256sum -c --status; }

from_npm() {
	command -v npm >/dev/null || return 1
	(cd "$1" && npm pack --silent "onnxruntime-node@$version" >/dev/null 2>&1) || return 1
	tar -xzf "$1/onnxruntime-node-$version.tgz" -C "$1" "package/bin/napi-v6/linux/$arch/libonnxruntime.so.1"
	mv "$1/package/bin/napi-v6/linux/$arch/libonnxruntime.so.1" "$1/library"
}

from_release() {
	command -v curl >/dev/null || return 1
	local a=${arch/arm64/aarch64} name
	name="onnxruntime-linux-$a-$version"
	curl -fsSL --retry 2 --connect-timeout 10 -o "$1/release.tgz" \
		"https://github.com/microsoft/onnxruntime/releases/download/v$version/$name.tgz" || return 1
	tar -xzf "$1/release.tgz" -C "$1"
	cp -L "$1/$name/lib/libonnxruntime.so" "$1/library"
	# The release is another build of the same version. Its checksum is not known here, so it is only taken from a user
	# who says which one it must have.
	sum=${ORFEAS_ORT_SHA256:-unknown}
}

if right "$library"; then
	exit 0
fi
rm -f "$library"
mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "fetching ONNX Runtime $version (86 MB, once)"
if ! from_npm "$work" && ! from_release "$work"; then
	echo "ONNX Runtime: neither npm nor the release archive can be reached; engines without a network work without it"
	exit 0
fi
if ! right "$work/library"; then
	echo "ONNX Runtime: the download does not have the expected SHA-256 ($sum) and was thrown away"
	echo "  to use the official release archive, set ORFEAS_ORT_SHA256 to the checksum of its libonnxruntime.so"
	exit 0
fi
mv "$work/library" "$library"
echo "ONNX Runtime is in $library"
