# One image for web, worker, beat and migrations (docker-compose.yml). Nothing is written at run time but /tmp.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt posture/runtime/uv.txt /packages/
RUN python -m venv /venv \
    && /venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r /packages/uv.txt \
    && /venv/bin/uv pip install --quiet --require-hashes --python /venv/bin/python -r /packages/requirements.txt \
    && /venv/bin/uv pip uninstall --quiet --python /venv/bin/python uv

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent posture
COPY --from=packages /venv /venv
COPY manage.py /srv/posture/
COPY scanners /srv/posture/scanners
COPY posture /srv/posture/posture
COPY templates /srv/posture/templates
COPY static /srv/posture/static
WORKDIR /srv/posture
RUN /venv/bin/python -m compileall -q scanners posture
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 POSTURE_BOOTSTRAP=0 POSTURE_HOME=/tmp/posture
USER 10001
EXPOSE 8000
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--no-ws", "posture.wsgi:application"]
