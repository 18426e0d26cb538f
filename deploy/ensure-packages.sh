#!/usr/bin/env bash
# ensure-packages.sh [--must] CHECK PACKAGE…
# If the shell command CHECK fails, install the Debian packages as root; without root say exactly what to install.
# With --must a missing package is an error, otherwise only a message.
set -euo pipefail

must=false
if [ "$1" = --must ]; then must=true; shift; fi
check=$1; shift

if bash -c "$check" >/dev/null 2>&1; then exit 0; fi

give_up() {
  echo "Missing: $*. $reason" >&2
  if $must; then exit 1; fi
  exit 0
}

command -v apt-get >/dev/null || { reason="Install them with this system's package manager."; give_up "$@"; }
[ "$(id -u)" = 0 ] || { reason="Run: sudo apt-get install $*"; give_up "$@"; }

echo "Installing $* …"
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -q --no-install-recommends "$@"; }
# Lists may be missing (a fresh container) or older than the archive: then fetch them and try again.
if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then apt-get update -q; fi
install "$@" || { apt-get update -q && install "$@"; } || { reason="apt-get could not install them; see above."; give_up "$@"; }
bash -c "$check" >/dev/null 2>&1 || { reason="Installed, and yet this fails: $check"; give_up "$@"; }
