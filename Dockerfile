# One image for master, workers and agent: the locked dependencies, and an ordinary user.
#
#   docker run --rm IMAGE reli profile list
#   docker run --rm -v runs:/reli/runs IMAGE locust -f locustfiles/http.py --headless --host ...
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1
WORKDIR /reli

# What was tested is what is installed. The lock holds the tools of the checks, too; the three large
# ones have no work here.
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock \
    && pip uninstall --yes --quiet mypy ruff uv

# .dockerignore lets through what the package is made of, and nothing else.
COPY . .
RUN pip install --no-cache-dir --no-build-isolation --no-deps . \
    && useradd --uid 10001 --create-home reli \
    && mkdir runs && chown reli runs

USER 10001
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "reli.alive"]
CMD ["reli", "--help"]
