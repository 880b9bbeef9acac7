# Debian, not Alpine: the Temporal SDK's native part needs glibc.
FROM node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN ["npm", "ci", "--no-audit", "--no-fund"]
COPY . .
RUN ["npm", "run", "build"]

FROM node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c AS dependencies
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
# The Temporal SDK's binaries for other systems (120 MB) have no place in an image.
RUN npm ci --omit=dev --no-audit --no-fund \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
        ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c
# For TLS to Temporal Cloud: the SDK's native part reads the system's certificates.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
# The API's, the worker's for health, and the metrics of each.
EXPOSE 3000 3001 9464 9465
# The port of whichever process runs: WORKER_HEALTH_PORT is set for workers only.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_HEALTH_PORT ?? process.env.PORT ?? 3000}/readyz`, { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Worker: node dist/worker/main.js; migrations: node dist/worker/migrate.js
CMD ["node", "dist/api/server.js"]
