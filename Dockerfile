# Production image: Node 24, no build step (Node strips the types), no shell needed at run time.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    POSTERN_HOST=0.0.0.0 \
    POSTERN_DATA_DIR=/var/lib/postern \
    POSTERN_SANDBOX_PORT=off
WORKDIR /app
RUN install -d -o node -g node -m 0700 /var/lib/postern
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
COPY openapi ./openapi
COPY policies ./policies
USER node
VOLUME /var/lib/postern
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.POSTERN_MANAGEMENT_PORT || 9090) + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
