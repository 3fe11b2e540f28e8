# The harness, compiled, without what only its development needs. It has no Redis: name one with --redis.
#
#     docker build -t ttlscope . && docker run --rm --init --network host ttlscope run scenarios/quickstart.yml --redis redis://127.0.0.1:6379
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /opt/ttlscope
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY page ./page
COPY scripts/bundle-page.ts ./scripts/
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /opt/ttlscope/package.json /opt/ttlscope/package.json
COPY --from=build /opt/ttlscope/node_modules /opt/ttlscope/node_modules
COPY --from=build /opt/ttlscope/dist /opt/ttlscope/dist
COPY bin /opt/ttlscope/bin
COPY scenarios /opt/ttlscope/scenarios
USER node
WORKDIR /home/node
# Volumes that are mounted here take over their owner. Scenarios are named as in a checkout.
RUN mkdir -p ttlscope-results .local/state/ttlscope && ln -s ../../opt/ttlscope/scenarios .
EXPOSE 9847
ENTRYPOINT ["node", "/opt/ttlscope/bin/ttlscope"]
CMD ["--help"]
