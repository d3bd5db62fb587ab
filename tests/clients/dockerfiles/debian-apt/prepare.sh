#!/bin/sh
# A repository with one package, always the same.
set -e
export SOURCE_DATE_EPOCH=1600000000
mkdir -p package/DEBIAN package/usr/bin repository
cat > package/DEBIAN/control <<'END'
Package: greet
Version: 1.0
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: says hello
END
printf '#!/bin/sh\necho hello\n' > package/usr/bin/greet
chmod 755 package package/DEBIAN package/usr package/usr/bin package/usr/bin/greet
dpkg-deb --root-owner-group -b package repository/greet.deb > /dev/null
rm -r package
cd repository
{
  dpkg-deb -f greet.deb
  echo "Filename: ./greet.deb"
  echo "Size: $(stat -c %s greet.deb)"
  echo "SHA256: $(sha256sum greet.deb | cut -d ' ' -f 1)"
} > Packages
