# Four stages: front-end files, Python packages, the program, the database.

FROM node:22.23.2-bookworm-slim AS vendor
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY static/build-vendor.mjs static/
RUN npm run vendor

FROM python:3.11.17-slim-bookworm AS packages
WORKDIR /src
COPY requirements.txt requirements-lock.txt ./
# Only wheels: no compiler here, and no build script of a package is run.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --only-binary :all: -r requirements.txt -c requirements-lock.txt

FROM python:3.11.17-slim-bookworm AS web
# pg_dump and pg_restore of the database's major version, for `flask backup` and `flask restore`; the face of reports.
# What was mended in Debian since the image was made comes first.
RUN apt-get update \
 && apt-get upgrade -y --no-install-recommends \
 && apt-get install -y --no-install-recommends fonts-croscore postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/*
# A number, not a name, so that an orchestrator can see that it is not root.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin gis \
 && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY wsgi.py ./
COPY layers layers
COPY migrations migrations
COPY gis_app gis_app
COPY static static
COPY --from=vendor /src/static/vendor static/vendor
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FLASK_APP=wsgi:create_app \
    VAR_DIR=/data HOST=0.0.0.0 PORT=8000 WEB_WORKERS=2
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
# Exec form through sh only for the variables; `exec` lets granian get the signals.
CMD ["sh", "-c", "exec granian --interface wsgi --factory wsgi:create_app --host $HOST --port $PORT --workers $WEB_WORKERS --blocking-threads 4 --backpressure 64 --respawn-failed-workers --log-level warning"]

# The same major and the same packages that `make run` installs on Debian 12, so that both run on the same SQL;
# the official image brings the set-up of passwords and volumes, and `upgrade` the newest minor version of PostgreSQL.
FROM postgres:15.19-bookworm AS db
RUN apt-get update \
 && apt-get upgrade -y --no-install-recommends \
 && apt-get install -y --no-install-recommends postgresql-15-postgis-3 postgresql-15-pgrouting \
 && rm -rf /var/lib/apt/lists/*
