# PLUGIN_SLACK_WEBHOOK_URL is in the environment; instead of it a token and a channel do as well.
docker run --rm -v "$PWD:/work" -w /work \
  -e PLUGIN_COMMAND=./deploy.sh -e PLUGIN_ENVIRONMENT=production -e PLUGIN_REPO=octo/hello \
  -e PLUGIN_SLACK_WEBHOOK_URL \
  slipway
