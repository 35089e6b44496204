# One image for master and workers: the locked dependencies, and an ordinary user.
FROM python:3.11-slim

WORKDIR /reli
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .
RUN pip install --no-cache-dir --no-build-isolation --no-deps . \
    && useradd --create-home reli \
    && mkdir runs && chown reli runs

USER reli
ENTRYPOINT ["locust"]
