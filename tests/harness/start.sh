# SPDX-License-Identifier: Apache-2.0
# Sourced by ./run and ./test: makes sure that Debian's own python3 is there, whatever else is first on PATH.
if [ ! -x /usr/bin/python3 ]; then
    echo "[vambrace] installing packages: python3" >&2
    sudo=
    if [ "$(id -u)" != 0 ]; then
        sudo=sudo
        command -v sudo > /dev/null || {
            echo "$0: python3 is missing, and this is neither root nor is there sudo" >&2
            echo "$0: run as root: apt-get install python3" >&2
            exit 1
        }
    fi
    command -v apt-get > /dev/null || {
        echo "$0: this is not a Debian system (no apt-get); use Debian 12, for instance in a container" >&2
        exit 1
    }
    { $sudo apt-get install -y --no-install-recommends python3 ||
        { $sudo apt-get update &&
            $sudo apt-get install -y --no-install-recommends python3; }; } > /dev/null || {
        echo "$0: python3 could not be installed: is there a network?" >&2
        echo "$0: connect the machine or install by hand: apt-get install python3" >&2
        exit 1
    }
fi
