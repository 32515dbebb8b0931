ARG NODE_IMAGE=node:24-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-slim

# The bundle, a Node without its debug symbols, and an env that no LD_PRELOAD can reach. The secrets are for builds
# behind a mirror or a private CA; a plain `docker build .` does without them.
FROM ${NODE_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=1767225600
RUN --mount=type=tmpfs,target=/var/lib/apt/lists --mount=type=tmpfs,target=/var/cache \
    apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      binutils busybox-static ca-certificates > /dev/null
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/run/secrets/ca.crt \
    if [ -e /run/secrets/ca.crt ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt; fi \
 && npm ci --ignore-scripts
COPY . .
# What V8 compiles in the build's rehearsal lies beside the bundle, for every user. `slipway` in a job that replaces the
# entry point (GitLab's `entrypoint: [""]`) clears the same variables.
RUN node build.ts \
 && mkdir -p /out/opt/slipway /out/usr/local/bin /out/usr/local/lib/slipway /out/etc/ssl/certs \
 && cp dist/* LICENSE /out/opt/slipway/ \
 && test -e /out/opt/slipway/slipway.*.cache \
 && strip -o /out/usr/local/bin/node "$(command -v node)" \
 && cp /bin/busybox /out/usr/local/lib/slipway/env \
 && ln -s env /out/usr/local/lib/slipway/sh \
 && printf '%s\n' '#!/usr/local/lib/slipway/sh' \
      "unset $(sed -n '/^ENTRYPOINT/,$p' Dockerfile | grep -o '"-u", "[A-Z0-9_]*"' | cut -d'"' -f4 | tr '\n' ' ')" \
      'exec /usr/local/bin/node /opt/slipway/slipway.mjs "$@"' > /out/usr/local/bin/slipway \
 && chmod 755 /out/usr/local/bin/slipway \
 && cp -L /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
 && chmod -R a+rX /out \
 && install -d -m 1777 /out/var/lib/slipway \
 && find /out -exec touch -h -d "@${SOURCE_DATE_EPOCH}" {} +

# Debian, so that `FROM slipway` can apt-get install; less what no container reads, and less what a base image other
# than the published one may bring along. /bin/sh and apt stay.
FROM ${BASE_IMAGE} AS root
ARG SOURCE_DATE_EPOCH=1767225600
RUN apt-mark auto $(apt-mark showmanual) > /dev/null && apt-mark manual tzdata > /dev/null \
 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends usr-is-merged > /dev/null 2>&1 \
 && apt-get purge -y -qq --auto-remove --allow-remove-essential \
      $(dpkg-query -W -f '${Package}\n' perl e2fsprogs openssl ca-certificates 2> /dev/null) > /dev/null 2>&1 \
 && apt-get check -qq \
 && printf 'path-exclude /usr/share/%s/*\n' doc man locale info lintian > /etc/dpkg/dpkg.cfg.d/slim \
 && printf 'path-include /usr/share/doc/*/copyright\n' >> /etc/dpkg/dpkg.cfg.d/slim \
 && find /usr/share/doc -type f ! -name copyright -delete && find /usr/share/doc -type d -empty -delete \
 && rm -rf /usr/share/man /usr/share/locale /usr/share/info /usr/share/lintian /usr/lib/*/gconv \
      /var/lib/apt/lists/* /var/cache/* /var/log/* /var/lib/dpkg/*-old /tmp/* /etc/machine-id \
 && mkdir -p /var/cache/apt/archives/partial /var/log/apt \
 && mkdir /slim && tar --one-file-system --exclude=./slim --exclude='./proc/*' --exclude='./sys/*' --exclude='./dev/*' \
      --exclude=./.dockerenv --exclude=./etc/hosts --exclude=./etc/resolv.conf --exclude=./etc/hostname -C / -c . \
    | tar -C /slim -x \
 && find /slim -newermt "@${SOURCE_DATE_EPOCH}" -exec touch -h -d "@${SOURCE_DATE_EPOCH}" {} +

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="Slipway" \
      org.opencontainers.image.description="One container that runs a deploy and tells the truth about it." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.documentation="${SOURCE}"
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY --from=root /slim /
# With them /var/lib/slipway, where `slipway serve` keeps its runs: a new volume takes its mode, so any user may write.
# No VOLUME, or every step of a pipeline would leave one behind; no HEALTHCHECK, or every step would be asked.
COPY --from=build /out /
EXPOSE 8080
# Whoever may promote a build on Drone can set any variable of this container. What changes the code that runs, or
# whom it trusts, is gone before Node starts; a static env clears it, for the dynamic one would have loaded it first.
ENTRYPOINT ["/usr/local/lib/slipway/env", \
  "-u", "NODE_OPTIONS", "-u", "NODE_PATH", "-u", "NODE_REPL_EXTERNAL_MODULE", "-u", "NODE_EXTRA_CA_CERTS", \
  "-u", "NODE_USE_SYSTEM_CA", "-u", "NODE_TLS_REJECT_UNAUTHORIZED", "-u", "NODE_USE_ENV_PROXY", \
  "-u", "NODE_COMPILE_CACHE", "-u", "NODE_COMPILE_CACHE_PORTABLE", "-u", "NODE_DISABLE_COMPILE_CACHE", \
  "-u", "NODE_V8_COVERAGE", "-u", "NODE_REDIRECT_WARNINGS", "-u", "NODE_DEBUG", "-u", "NODE_DEBUG_NATIVE", \
  "-u", "NODE_ICU_DATA", "-u", "NODE_PENDING_DEPRECATION", "-u", "NODE_PRESERVE_SYMLINKS", \
  "-u", "NODE_PRESERVE_SYMLINKS_MAIN", "-u", "NODE_CHANNEL_FD", "-u", "NODE_CHANNEL_SERIALIZATION_MODE", \
  "-u", "NODE_UNIQUE_ID", "-u", "NODE_TEST_CONTEXT", "-u", "NODE_INSPECT_RESUME_ON_START", \
  "-u", "WATCH_REPORT_DEPENDENCIES", "-u", "SSL_CERT_FILE", "-u", "SSL_CERT_DIR", "-u", "SSLKEYLOGFILE", \
  "-u", "OPENSSL_CONF", "-u", "OPENSSL_CONF_INCLUDE", "-u", "OPENSSL_MODULES", "-u", "OPENSSL_ENGINES", \
  "-u", "LD_PRELOAD", "-u", "LD_LIBRARY_PATH", "-u", "LD_AUDIT", "-u", "LD_DEBUG", "-u", "LD_DEBUG_OUTPUT", \
  "-u", "LD_PROFILE", "-u", "LD_PROFILE_OUTPUT", "-u", "LD_BIND_NOW", "-u", "LD_BIND_NOT", \
  "-u", "LD_DYNAMIC_WEAK", "-u", "LD_HWCAP_MASK", "-u", "LD_ORIGIN_PATH", "-u", "LD_SHOW_AUXV", \
  "-u", "LD_TRACE_LOADED_OBJECTS", "-u", "GLIBC_TUNABLES", "-u", "GCONV_PATH", "-u", "GETCONF_DIR", \
  "-u", "LOCPATH", "-u", "NLSPATH", "-u", "HOSTALIASES", "-u", "LOCALDOMAIN", "-u", "RES_OPTIONS", \
  "-u", "RESOLV_HOST_CONF", "-u", "MALLOC_TRACE", "-u", "BASH_ENV", "-u", "SHELLOPTS", "-u", "BASHOPTS", \
  "/usr/local/bin/node", "/opt/slipway/slipway.mjs"]
