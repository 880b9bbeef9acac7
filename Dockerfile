# One image, three roles: the API, a worker (node dist/worker/main.js), migrations (node dist/worker/migrate.js).
# The target sandbox holds the LTIAAS sandbox beside them, for tests: docker-compose.sandbox.yml.
# Debian, not Alpine: the Temporal SDK's native part needs glibc.
FROM node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN ["npm", "ci", "--no-audit", "--no-fund"]
COPY . .
RUN npm run build && mv dist/sandbox dist-sandbox
# The Temporal SDK's native part reads the system's certificates: those of Node. No index of packages is asked, so that the
# same sources make the same image.
RUN ["node", "-e", "require('node:fs').writeFileSync('certificates.pem', require('node:tls').rootCertificates.join('\\n') + '\\n')"]

FROM node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c AS dependencies
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
# The Temporal SDK's binaries for other systems (110 MB) have no place in an image.
RUN npm ci --omit=dev --no-audit --no-fund \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
        ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c AS programs
# Uploads and answers that wait are kept in TMPDIR, in files without a name: give it a disk.
ENV NODE_ENV=production \
    NODE_OPTIONS=--enable-source-maps \
    HOST=0.0.0.0 \
    WORKER_HEALTH_HOST=0.0.0.0 \
    METRICS_HOST=0.0.0.0 \
    TMPDIR=/spool
RUN ["install", "-d", "-o", "node", "-g", "node", "-m", "700", "/spool"]
WORKDIR /app
COPY --from=build /app/certificates.pem /etc/ssl/certs/ca-certificates.crt
COPY LICENSE package.json deploy/image/check-health.mjs ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
# The API's, the worker's for health, and the metrics of each.
EXPOSE 3000 3001 9464 9465
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "check-health.mjs"]
CMD ["node", "dist/api/server.js"]

FROM programs AS sandbox
COPY --from=build /app/dist-sandbox ./dist/sandbox
ENV SANDBOX_HOST=0.0.0.0 SANDBOX_PORT=8090
EXPOSE 8090
CMD ["node", "dist/sandbox/main.js"]

FROM programs AS passback
ARG VERSION=local
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Passback" \
      org.opencontainers.image.description="Durable grade passback from LTI tools to LMS gradebooks through LTIAAS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="docker.io/library/node:22.23.3-bookworm-slim" \
      org.opencontainers.image.base.digest="sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c"
