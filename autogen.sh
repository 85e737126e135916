#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Make ./configure from a checkout of the repository; run again when configure.ac changes
# by hand (make does it by itself otherwise).
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux/m4
exec autoreconf --install --force "$@"
