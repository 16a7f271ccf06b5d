# Legenda to serve and to work: no compiler, no TensorFlow. docs/operations.md tells how to run it.
FROM node:22-bookworm-slim AS build
WORKDIR /legenda
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:22-bookworm-slim AS packages
WORKDIR /legenda
COPY package.json package-lock.json .npmrc ./
# ONNX Runtime brings its binaries for every platform; only this one's are run.
RUN npm ci --omit=dev && \
    cd node_modules/onnxruntime-node/bin/napi-v6 && rm -rf darwin win32

FROM node:22-bookworm-slim
WORKDIR /legenda
ENV NODE_ENV=production
COPY --from=packages /legenda/node_modules node_modules
COPY --from=build /legenda/dist dist
COPY package.json LICENSE ./
COPY bin bin
COPY models/default models/default
USER node
EXPOSE 4300
# The process is the first of its container: it gets SIGTERM itself, and finishes what it has.
ENTRYPOINT ["node", "bin/legenda.js"]
CMD ["serve", "--host", "0.0.0.0"]
