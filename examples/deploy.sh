#!/bin/sh
# Deploys the example site: builds it beside the folder that is served, then swaps the two.
# SITE_DIR names that folder; Slipway says the rest (DEPLOY_SHA, DEPLOY_ENVIRONMENT, SLIPWAY_OUTPUT).
set -eu
: "${SITE_DIR:?names the folder that is served}"
version=$(printf '%.8s' "$DEPLOY_SHA")
here=$(cd -- "$(dirname -- "$0")" && pwd)
new=$SITE_DIR.$version
old=$SITE_DIR.old

echo "building $version for $DEPLOY_ENVIRONMENT"
rm -rf "$new" "$old"
mkdir -p "$new"
for file in "$here"/site/*; do
  sed -e "s/@VERSION@/$version/g" -e "s/@ENVIRONMENT@/$DEPLOY_ENVIRONMENT/g" "$file" \
    > "$new/${file##*/}"
  echo "  ${file##*/}"
done

echo "switching to it"
if [ -e "$SITE_DIR" ]; then mv "$SITE_DIR" "$old"; fi
mv "$new" "$SITE_DIR"
rm -rf "$old"

echo "description=Site $version is live" >> "$SLIPWAY_OUTPUT"
echo "version=$version" >> "$SLIPWAY_OUTPUT"
