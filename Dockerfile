# One image for every process: the command decides (api, workers or migrate).
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
# As the scripts of package.json have it for the workers: sets of messages are short-lived, and are collected less often.
ENV NODE_OPTIONS=--max-semi-space-size=64
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Style sheets and browser scripts are served as they are, so tsc copies none of them to dist.
COPY --from=build /app/web/assets ./web/assets
COPY --from=build /app/embedded/outbox ./embedded/outbox
USER node
VOLUME /data
EXPOSE 3000
CMD ["node", "dist/api/main.js"]
