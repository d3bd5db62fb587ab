#!/bin/sh
# A wheel is a zip archive; its members always have the same time.
set -e
mkdir -p wheels
python3 - <<'END'
import zipfile
with zipfile.ZipFile('wheels/greet-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(zipfile.ZipInfo('greet.py'), 'def hello(name):\n    return "hello " + name\n')
END
