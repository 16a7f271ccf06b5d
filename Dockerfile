# Legenda to serve and to work: no compiler, no TensorFlow. docs/operations.md tells how to run it.
FROM node:22-bookworm-slim AS build
WORKDIR /legenda
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && rm -r dist/cli && chmod -R a+rX dist

FROM node:22-bookworm-slim AS packages
WORKDIR /legenda
COPY package.json package-lock.json .npmrc ./
# A third of it is never run here: compilers, types, maps of sources, and ONNX Runtime and sharp for other platforms.
RUN npm ci --omit=dev && \
    rm -rf node_modules/typescript node_modules/protobufjs/cli node_modules/@img/sharp-wasm32 && \
    find node_modules -type f \( -name '*.map' -o -name '*.d.*ts' \) -delete && \
    cd node_modules/onnxruntime-node/bin/napi-v6 && \
    find . -mindepth 2 -maxdepth 2 ! -path "./linux/$(node -p process.arch)" -exec rm -rf {} +

FROM node:22-bookworm-slim
WORKDIR /legenda
ENV NODE_ENV=production
# Of many arenas each keeps holes of its own: about 30 MB in all.
ENV MALLOC_ARENA_MAX=2
COPY --from=packages /legenda/node_modules node_modules
COPY --from=build /legenda/dist dist
# The user node reads them whatever rights they were checked out with.
COPY --chmod=644 package.json LICENSE ./
COPY --chmod=755 bin bin
COPY --chmod=755 models/default models/default
USER node
EXPOSE 4300
# The process is the first of its container: it gets SIGTERM itself, and finishes what it has.
ENTRYPOINT ["node", "bin/legenda.js"]
CMD ["serve", "--host", "0.0.0.0"]
