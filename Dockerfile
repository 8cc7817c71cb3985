# One image for daybook run, worker, migrate and doctor. Everything installed is pinned by hash.
FROM python:3.11-slim AS build
RUN python -m venv /venv
COPY requirements.lock /
RUN /venv/bin/python -m pip install --disable-pip-version-check --no-cache-dir \
    --require-hashes --no-deps -r /requirements.lock

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /data daybook
COPY --from=build /venv /venv
WORKDIR /daybook
COPY app.yaml ./
COPY bot bot
COPY handlers handlers
COPY jobs jobs
RUN /venv/bin/python -m compileall -q bot handlers jobs
# The code is found wherever it is started; data and metrics.yaml belong to /data.
ENV PATH=/venv/bin:$PATH PYTHONPATH=/daybook PYTHONUNBUFFERED=1
USER daybook
WORKDIR /data
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
