# Capture on the host's devices, with the tap's socket in a volume that consumers share:
#
#   docker run --network host --cap-drop ALL --cap-add NET_RAW -v pkttap:/run/pkttap pkttap capture eth0
#   docker run --cap-drop ALL -v pkttap:/run/pkttap pkttap analyze eth0 --wait
#
# A consumer needs no capability and no network. docs/docker.md has the rest.

FROM node:20-bookworm AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ libpcap-dev make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /pkttap
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
# The optional engine `cap` is compiled here as well, with this Node's own headers.
RUN . scripts/node-headers && npm ci --include=dev
COPY native native
COPY include include
RUN bash scripts/build-native
COPY tsconfig.json rolldown.config.ts ./
COPY src src
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/cap/build/Release/obj.target

FROM node:20-bookworm-slim
# What the pcap module links with, and what replay opens for compressed savefiles.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libpcap0.8 libzstd1 liblz4-1 \
  && rm -rf /var/lib/apt/lists/*
# Whom a tap becomes once its devices are open. Numbers that stay the same: other containers and pod specifications name them.
# The folder is root's own, as root without DAC_OVERRIDE must make a socket in it, and the group's, to remove it again.
RUN groupadd --gid 10001 pkttap \
  && useradd --uid 10001 --gid pkttap --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin pkttap \
  && install -d -m 0770 -o root -g pkttap /run/pkttap
WORKDIR /pkttap
COPY --from=build /pkttap/node_modules node_modules
COPY --from=build /pkttap/dist/bundle dist/bundle
COPY --from=build /pkttap/native/build/Release/core.node /pkttap/native/build/Release/pcap.node native/build/Release/
COPY package.json LICENSE README.md ./
COPY bin bin
COPY include include
RUN ln -s /pkttap/bin/pkttap.js /usr/local/bin/pkttap
# Taps make their sockets here: share it with the containers of the consumers.
VOLUME /run/pkttap
ENV NODE_ENV=production PKTTAP_DIR=/run/pkttap
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["pkttap", "stats"]
ENTRYPOINT ["pkttap"]
CMD ["--help"]
