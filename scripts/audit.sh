#!/usr/bin/env bash
# What is known of faults in our code and in the packages we pin. Says in one line each what was asked and what not:
# exit 0 nothing found, 1 something found, 2 a source could not be asked (a network that lets nobody ask is no clean bill).
# `scripts/audit.sh code` asks bandit alone, as `make check` does.
set -u
cd "$(dirname "$0")/.."
found=0
unasked=0

say() { printf '%-28s %s\n' "$1" "$2"; }
not_asked() { say "$1" "NOT ASKED: $2; last read by hand: SECURITY.md, \"Dependency audit\""; unasked=1; }

if out=$(.venv/bin/bandit -q -c pyproject.toml -r gis_app layers migrations wsgi.py 2>&1); then
  say "bandit (our code)" "no finding"
else
  printf '%s\n' "$out"
  say "bandit (our code)" "FINDINGS above"
  found=1
fi
[ "${1:-}" != code ] || exit $found

tool=var/audit/bin/pip-audit
[ -x "$tool" ] || { python3 -m venv var/audit && var/audit/bin/pip install -q pip-audit==2.10.1 2>/dev/null; }
ask() { timeout 300 "$tool" --no-deps --disable-pip --progress-spinner off -s "$1" -r requirements-lock.txt 2>&1; }
python_asked=0
for service in pypi osv; do
  out=$(ask "$service")
  status=$?
  if printf '%s' "$out" | grep -q 'could not be audited\|Could not\|ConnectionError\|Traceback\|ServiceError' || { [ $status -ne 0 ] && ! printf '%s' "$out" | grep -q '^Found [0-9]* known vulnerabilit'; }; then
    continue
  fi
  python_asked=1
  if [ $status -eq 0 ]; then
    say "Python packages ($service)" "no known advisory for the $(grep -c '==' requirements-lock.txt) pinned versions"
  else
    printf '%s\n' "$out"
    say "Python packages ($service)" "ADVISORIES above"
    found=1
  fi
  break
done
[ $python_asked = 1 ] || not_asked "Python packages" "neither pypi.org's advisories nor osv.dev answered"

out=$(timeout 120 npm audit --json 2>/dev/null)
if printf '%s' "$out" | grep -q '"vulnerabilities"'; then
  if printf '%s' "$out" | grep -q '"total": *0'; then
    say "npm packages" "no known advisory"
  else
    npm audit 2>/dev/null
    say "npm packages" "ADVISORIES above"
    found=1
  fi
else
  not_asked "npm packages" "the registry's audit endpoint did not answer"
fi

[ $found = 0 ] || exit 1
[ $unasked = 0 ] || exit 2
