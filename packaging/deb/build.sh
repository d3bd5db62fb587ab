#!/bin/sh
# Makes the Debian package of dist/cais: program, units, settings, completions, manual.
#   sh packaging/deb/build.sh [DIRECTORY [VERSION]]     the package goes into DIRECTORY (default dist), and its path is printed
# Who answers for it is in DEBFULLNAME and DEBEMAIL, as with Debian's own tools.
set -eu
cd "$(dirname "$0")/../.."

target=${1:-dist}
version=${2:-$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)}
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-cais} <${DEBEMAIL:-cais@localhost}>"
umask 022
mkdir -p "$target"
root=$(mktemp -d "$target/.deb.XXXXXX")
trap 'rm -rf "$root"' EXIT

put() { install -D -m "$1" "$2" "$root/$3"; }
compressed() {
  mkdir -p "$root/$(dirname "$2")"
  gzip -9nc "$1" >"$root/$2.gz"
}
filled() { sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/${2:-}/" -e "s|@MAINTAINER@|$maintainer|" "$1"; }

put 755 dist/cais usr/bin/cais
for unit in packaging/systemd/*; do put 644 "$unit" "lib/systemd/system/$(basename "$unit")"; done
for settings in packaging/etc/*; do put 640 "$settings" "etc/cais/$(basename "$settings")"; done

mkdir -p "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" \
  "$root/usr/share/fish/vendor_completions.d" "$root/usr/share/man/man1"
dist/cais completion bash >"$root/usr/share/bash-completion/completions/cais"
dist/cais completion zsh >"$root/usr/share/zsh/vendor-completions/_cais"
dist/cais completion fish >"$root/usr/share/fish/vendor_completions.d/cais.fish"
filled packaging/deb/cais.1 | gzip -9nc >"$root/usr/share/man/man1/cais.1.gz"

documents=usr/share/doc/cais
put 644 packaging/deb/copyright "$documents/copyright"
compressed CHANGELOG.md "$documents/NEWS.md"
# The same package from the same files: what is packed has the time of the last change.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
printf 'cais (%s) unstable; urgency=medium\n\n  * What is new: NEWS.md.gz.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$(date -uRd "@$SOURCE_DATE_EPOCH")" | gzip -9nc >"$root/$documents/changelog.gz"
for document in docs/operations.md docs/upgrading.md; do
  put 644 "$document" "$documents/$(basename "$document")"
done
for example in packaging/proxy/*; do put 644 "$example" "$documents/examples/$(basename "$example")"; done
put 644 packaging/deb/lintian-overrides usr/share/lintian/overrides/cais

mkdir "$root/DEBIAN"
size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
filled packaging/deb/control "$size" >"$root/DEBIAN/control"
put 644 packaging/deb/conffiles DEBIAN/conffiles
for script in postinst prerm postrm; do put 755 "packaging/deb/$script" "DEBIAN/$script"; done
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

package="$target/cais_${version}_$architecture.deb"
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
