#!/bin/sh
# Python as Debian installs it, with the libraries that it is linked to.
set -e
python=$(readlink -f /usr/bin/python3)
name=$(basename "$python")
mkdir -p root/usr/bin root/usr/lib/python3/dist-packages
cp "$python" root/usr/bin/python3
cp -r "/usr/lib/$name" root/usr/lib/
cd "root/usr/lib/$name"
rm -rf test idlelib tkinter ensurepip lib2to3 pydoc_data config-* __pycache__ */__pycache__ */*/__pycache__
cd ../../../..
for library in $(ldd "$python" root/usr/lib/"$name"/lib-dynload/*.so | grep -oE '^[^/]*(=> )?/lib[^ ]* ' | grep -o '/lib[^ ]*' | sort -u); do
  mkdir -p "root$(dirname "$library")"
  cp -L "$library" "root$library"
done
tar --owner=0 --group=0 --numeric-owner --sort=name -C root -cf root.tar .
rm -r root
