#!/bin/sh
# Extended attributes cannot be kept in a repository.
set -e
mkdir -p made/noted
echo x > made/noted/file
python3 -c '
import os
os.setxattr("made/noted/file", "user.note", b"hello")
os.setxattr("made/noted", "user.of", b"directory")
os.setxattr("made/noted/file", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))'
tar --xattrs --xattrs-include='*' --owner=0 --group=0 --sort=name -C made -cf noted.tar noted
rm -r made
