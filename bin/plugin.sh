#!/bin/sh
# Starts Slipway for plugin.yml, with bash or sh, in the workspace of the pipeline.
set -eu

# Whoever may promote a build can add variables to the step; these decide which code runs, or whom it trusts.
unset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NODE_REPL_EXTERNAL_MODULE \
  NODE_V8_COVERAGE NODE_DEBUG NODE_DEBUG_NATIVE NODE_REDIRECT_WARNINGS NODE_USE_ENV_PROXY NODE_COMPILE_CACHE \
  SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE OPENSSL_CONF OPENSSL_MODULES LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT BASH_ENV CDPATH
for name in $(env | sed -n 's/^\([Nn][Pp][Mm]_[Cc][Oo][Nn][Ff][Ii][Gg]_[A-Za-z0-9_]*\)=.*/\1/p'); do
  unset "$name"
done

# CLONE_CACHE_PATH says the same, but could be one of those variables.
root=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
bundle=$root/dist/slipway.mjs

fail() {
  printf '%s\n' "$1" >&2
  exit 70
}

# The first Node of version 24 or newer: the machine's, else the one that npm ci has brought.
find_node() {
  for candidate in node "$root/node_modules/.bin/node"; do
    version=$("$candidate" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || continue
    if [ "$version" -ge 24 ] 2>/dev/null; then
      printf '%s' "$candidate"
      return 0
    fi
  done
  return 1
}

# Runners share one clone between steps: build into it once, not twice at a time.
build() {
  command -v npm >/dev/null 2>&1 || fail \
    "Slipway cannot be built: npm was not found. Install Node.js 24 with npm on this runner, or run Slipway as a container."
  lock=$root/.slipway-build
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    [ "$waited" -lt 600 ] || fail "Slipway cannot be built: another build has held $lock for ten minutes. Remove it if no build runs."
    waited=$((waited + 1))
    sleep 1
  done
  trap 'rmdir "$lock" 2>/dev/null || true' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ ! -f "$bundle" ] || ! find_node >/dev/null; then
    echo "Building Slipway, once for this clone."
    (cd -- "$root" && npm ci --no-audit --no-fund >&2 && npm run --silent build >&2) ||
      fail "Slipway cannot be built: see the lines of npm above. A runner without a network needs dist/slipway.mjs in the clone."
  fi
  rmdir "$lock" 2>/dev/null || true
  trap - EXIT INT TERM
}

if [ ! -f "$bundle" ] || ! find_node >/dev/null; then
  build
fi
node=$(find_node) || fail \
  "Slipway needs Node.js 24 or newer: $(node --version 2>/dev/null || echo none) was found. Install it on this runner, or run Slipway as a container."
[ -f "$bundle" ] || fail "Slipway was built, but $bundle is not there."
exec "$node" "$bundle" "$@"
