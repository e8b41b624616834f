#!/bin/sh
# Removes from a virtual environment what a list of patterns names, tests, and pip itself.
set -eu
cd "$1"/lib/python3*/site-packages
list=$OLDPWD/$2
grep -v '^#' "$list" | while read -r pattern; do
  # An unmatched pattern stays as it is, and rm then fails: the list has a stale line.
  # shellcheck disable=SC2086
  rm -r $pattern
done
find . -type d -name tests -prune -exec rm -rf {} +
rm -rf pip pip-*.dist-info setuptools setuptools-*.dist-info pkg_resources _distutils_hack \
  distutils-precedence.pth
rm -f "$1"/bin/pip*
