# Builds the packages in one image and copies them into another that has neither pip's leavings
# nor the sources, but the compiled kernels. Everything that is downloaded is checked against the hashes in the repository.

# To move the base: docker buildx imagetools inspect python:3.13-slim

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all:
WORKDIR /src

# requirements-otel.txt has what TOCSIN_TRACES=otlp needs, too.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-otel.txt requirements-build.txt ./
RUN python -m venv --without-pip /opt/tocsin \
    && pip --python /opt/tocsin/bin/python install --require-hashes --requirement "$REQUIREMENTS" \
    && pip install --root-user-action ignore --require-hashes --requirement requirements-build.txt

COPY LICENSE NOTICE README.md pyproject.toml ./
COPY service service
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/tocsin/bin/python install --no-deps --no-index /wheels/*.whl \
    && /opt/tocsin/bin/python -m service.app.kernels


FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
LABEL org.opencontainers.image.title="tocsin" \
    org.opencontainers.image.description="News alerts: articles from a Redis stream, YAML watchlists, signed webhooks." \
    org.opencontainers.image.licenses="Apache-2.0"

# A number, not a name: Kubernetes can then see that it is not root.
RUN install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /opt/tocsin /opt/tocsin
COPY rules /etc/tocsin/rules

ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TOCSIN_DATA_DIR=/data \
    TOCSIN_HOST=0.0.0.0 \
    TOCSIN_RULES=/etc/tocsin/rules
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8000
USER 10001:10001
STOPSIGNAL SIGTERM

# http.client rather than urllib, which would ask a proxy that the environment names.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys\n\
connection = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('TOCSIN_PORT') or 8000), timeout=3)\n\
connection.request('GET', '/livez')\n\
sys.exit(connection.getresponse().status != 200)"]

CMD ["tocsin", "run"]
