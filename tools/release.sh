#!/usr/bin/env bash
# Builds the archives of a release for this machine's kind of Linux: the Studio, and the program without a window; and the
# Studio for Windows where MinGW-w64 and zip are installed. The same commit, Go and C compiler give the same bytes, wherever
# the checkout lies: no path and no time of today goes in.
#   tools/release.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-build/release}")
version=$(sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
kind=$(go env GOOS)-$(go env GOARCH)
epoch=$(git log -1 --format=%ct)
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "note: there are changes that are in no commit" >&2
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# CGO_CFLAGS is the Makefile's; what -g leaves is stripped by the linker.
export CGO_CFLAGS="-O2 -g -Wno-deprecated-declarations"
build() { # FILE [TAGS]
	go build -trimpath -buildvcs=false -tags "${2:-}" -ldflags "-s -w -buildid=" -o "$1" .
}

archive() { # NAME
	find "$work/$1" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
	chmod 755 "$work/$1"/bin/*
	tar -C "$work" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cf - "$1" | gzip -9n >"$out/$1.tar.gz"
}

common() { # FOLDER
	mkdir -p "$1/bin" "$1/share/man/man1" "$1/share/doc/orfeas"
	gzip -9n <docs/orfeas.1 >"$1/share/man/man1/orfeas.1.gz"
	cp LICENSE README.md CHANGELOG.md "$1/share/doc/orfeas/"
	cp -r docs "$1/share/doc/orfeas/docs"
	cp assets/licences.txt "$1/share/doc/orfeas/THIRD-PARTY-LICENCES.txt"
}

studio=orfeas-studio-$version-$kind
echo "building $studio"
common "$work/$studio"
build "$work/$studio/bin/orfeas"
mkdir -p "$work/$studio/share/applications" "$work/$studio/share/metainfo"
cp deploy/studio.orfeas.app.desktop "$work/$studio/share/applications/"
cp deploy/studio.orfeas.app.metainfo.xml "$work/$studio/share/metainfo/"
go run ./tools/icons assets/icon.png "$work/$studio/share/icons" studio.orfeas.app
archive "$studio"

headless=orfeas-headless-$version-$kind
echo "building $headless"
common "$work/$headless"
build "$work/$headless/bin/orfeas" headless
cp -r deploy "$work/$headless/share/doc/orfeas/deploy"
archive "$headless"

if command -v x86_64-w64-mingw32-gcc >/dev/null && command -v zip >/dev/null; then
	windows=orfeas-studio-$version-windows-amd64
	echo "building $windows"
	mkdir "$work/$windows"
	cp -r LICENSE README.md CHANGELOG.md docs "$work/$windows/"
	cp assets/licences.txt "$work/$windows/THIRD-PARTY-LICENCES.txt"
	# Icon and version of the program, which the Go linker takes from a file beside the sources.
	trap 'rm -rf "$work" rsrc_windows_amd64.syso' EXIT
	go run github.com/tc-hib/go-winres@v0.3.3 simply --arch amd64 --manifest gui --icon assets/icon.png \
		--product-version "$version" --file-version "$version" --product-name "ORFEAS Studio" --file-description "ORFEAS Studio"
	(export CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc CXX=x86_64-w64-mingw32-g++ && build "$work/$windows/orfeas.exe")
	find "$work/$windows" -exec touch -d "@$epoch" {} +
	(cd "$work" && find "$windows" | LC_ALL=C sort | TZ=UTC zip -q -X -9 -@ "$out/$windows.zip")
else
	echo "not building for Windows: that takes MinGW-w64 (Debian: gcc-mingw-w64-x86-64, g++-mingw-w64-x86-64) and zip"
fi

cd "$out"
shopt -s nullglob
LC_ALL=C sha256sum -- *.tar.gz *.zip | tee SHA256SUMS
