#!/usr/bin/env bash
# Install what is missing, and nothing that is there: Debian packages, a virtual environment, front-end files.
# `scripts/setup.sh test` adds what only tests and checks need.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=()
need() { eval "$1" >/dev/null 2>&1 || missing+=("$2"); }
need 'python3 -c "import venv, ensurepip"' python3-venv
need 'command -v node' nodejs
need 'command -v npm' npm
need 'command -v runuser' util-linux
# The face of official forms: Times New Roman's measures and every Vietnamese letter.
need 'ls /usr/share/fonts/truetype/croscore/Tinos-Regular.ttf' fonts-croscore
if [ -z "${DATABASE_URL:-}" ] || [ "${1:-}" = test ]; then
  need 'ls /usr/lib/postgresql/*/bin/initdb' postgresql-MAJOR
  need 'ls /usr/share/postgresql/*/extension/postgis.control' postgresql-MAJOR-postgis-3
  need 'ls /usr/share/postgresql/*/extension/pgrouting.control' postgresql-MAJOR-pgrouting
fi
if [ "${1:-}" = test ]; then
  need 'command -v chromium' chromium
  need 'command -v docker-compose' docker-compose
fi

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}. No apt-get here: install them, or use 'docker compose up' (README.md)." >&2
    exit 1
  fi
  as_root apt-get update -qq
  # The version that is installed, else the one of this Debian.
  major=$(ls /usr/lib/postgresql 2>/dev/null | sort -n | tail -1)
  major=${major:-$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -1)}
  packages=("${missing[@]//MAJOR/$major}")
  echo "Installing ${packages[*]} …"
  # Our own private cluster is started by the program; the packaged service is not wanted.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

stamp() { cat "$@" | sha256sum | cut -c1-16; }

requirements=requirements.txt
if [ "${1:-}" = test ]; then requirements=requirements-dev.txt; fi
python_stamp=$(stamp requirements.txt requirements-dev.txt requirements-lock.txt)
if [ "$(cat ".venv/stamp-$requirements" 2>/dev/null)" != "$python_stamp" ]; then
  [ -x .venv/bin/python ] || python3 -m venv .venv
  echo "Installing Python packages …"
  .venv/bin/python -m pip install -qq --disable-pip-version-check -r "$requirements" -c requirements-lock.txt
  echo "$python_stamp" > ".venv/stamp-$requirements"
fi

node_stamp=$(stamp package.json package-lock.json static/build-vendor.mjs)
if [ "$(cat static/vendor/.stamp 2>/dev/null)" != "$node_stamp" ]; then
  echo "Installing front-end packages …"
  npm ci --silent --no-audit --no-fund
  npm run --silent vendor
  echo "$node_stamp" > static/vendor/.stamp
fi
