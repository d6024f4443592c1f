# One image for every process of the Procfile. By itself it runs all of them, with a Redis of its own:
#
#   docker build -t lectern . && docker run -p 8000:8000 -v lectern:/data lectern
#
# compose.yaml runs each in a container, with PostgreSQL, Redis and a proxy that speaks HTTPS.

FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/lectern
COPY requirements.txt ./
RUN python -m venv .venv
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --requirement requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin lectern
RUN install --directory --owner=lectern --group=lectern --mode=700 /data
WORKDIR /srv/lectern
COPY --from=build /srv/lectern/.venv ./.venv
COPY manage.py Procfile LICENSE ./
COPY config ./config
COPY tts ./tts
COPY reader ./reader
COPY templates ./templates
COPY static ./static
RUN .venv/bin/python -m compileall -q config tts reader
# Nothing is written but below /data and /tmp: the file system may be read-only.
ENV DATA_DIR=/data HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1 PATH=/srv/lectern/.venv/bin:/usr/local/bin:/usr/bin:/bin
USER lectern
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD ["python", "manage.py", "alive"]
CMD ["python", "-m", "config.run"]
