// A step of a shared library. Add it under Global Trusted Pipeline Libraries: name `slipway`, your copy of this
// repository, Library Path `entries/jenkins`. Secrets are no arguments: withCredentials brings them under their names as
// variables.
//
//   @Library('slipway@VERSION') _
//
//   pipeline {
//     agent any
//     options { disableConcurrentBuilds() }
//     stages {
//       stage('Deploy') {
//         when { branch 'main' }
//         steps {
//           withCredentials([string(credentialsId: 'github-token', variable: 'PLUGIN_GITHUB_TOKEN')]) {
//             slipway(
//               image: 'REGISTRY/slipway:VERSION',
//               command: './deploy.sh',
//               environment: 'production',
//               environment_url: 'https://shop.example.com'
//             )
//           }
//         }
//       }
//     }
//   }
def call(Map settings = [:]) {
  def unknown = settings.keySet() - names() - ['image']
  if (unknown) {
    error("slipway takes no ${unknown.join(', ')}: secrets come by withCredentials, as PLUGIN_NAME")
  }
  def variables = ["SLIPWAY_IMAGE=${settings.image ?: 'slipway'}".toString()]
  for (name in settings.keySet() - ['image']) {
    variables.add("PLUGIN_${name.toUpperCase()}=${text(settings[name])}".toString())
  }
  withEnv(variables) {
    sh(script())
  }
}

// withEnv replaces variables in what it is given, and makes one dollar of two.
def text(value) {
  if (value == null) {
    return ''
  }
  def written = value instanceof List || value instanceof Map ? groovy.json.JsonOutput.toJson(value) : value
  return written.toString().replace('$', '$$')
}

// begin generated: names
def names() {
  return [
    'action',
    'only',
    'target',
    'environment',
    'component',
    'repo',
    'owner',
    'commit',
    'ref',
    'deployment_id',
    'task',
    'description',
    'payload',
    'environment_url',
    'log_url',
    'events',
    'timeout',
    'run_key',
    'when_busy',
    'supersede',
    'checkout',
    'checkout_limit',
    'dry_run',
    'output_file',
    'summary',
    'card_schema',
    'log_level',
    'debug',
    'log_format',
    'heartbeat',
    'ca_cert',
    'skip_verify',
    'env_file',
    'http_timeout',
    'report',
    'require_status',
    'state',
    'github_api_url',
    'github_app_id',
    'github_app_installation_id',
    'create_deployment',
    'transient_environment',
    'production_environment',
    'auto_inactive',
    'required_contexts',
    'auto_merge',
    'final_status',
    'cancel_state',
    'settle',
    'status_context',
    'gitlab_url',
    'gitlab_project',
    'bitbucket_username',
    'bitbucket_dc_url',
    'gitea_url',
    'slack_channel',
    'slack_on',
    'slack_mention',
    'slack_api_url',
    'diversion_repo',
    'diversion_ref',
    'diversion_path',
    'diversion_method',
    'diversion_client_id',
    'diversion_api_url',
    'diversion_auth_url',
    'command',
    'shell',
    'workdir',
    'grace',
    'convox_host',
    'convox_rack',
    'convox_app',
    'convox_dir',
    'convox_manifest',
    'convox_description',
    'convox_no_cache',
    'convox_development',
    'convox_promote',
    'convox_release',
    'convox_force',
    'convox_build_timeout',
    'convox_promote_timeout',
    'convox_rollout_timeout',
    'convox_create_app',
    'convox_env_replace',
    'convox_before_promote',
    'convox_ca_cert',
    'convox_skip_verify',
    'divio_application',
    'divio_environment',
    'divio_build_mode',
    'divio_on_busy',
    'divio_queue_timeout',
    'divio_verify',
    'divio_verify_retries',
    'divio_pull_delay',
    'divio_webhook_type',
    'divio_log',
    'divio_poll_interval',
    'divio_zone',
    'divio_api_url',
    'spinnaker_gate_url',
    'spinnaker_application',
    'spinnaker_pipeline',
    'spinnaker_header',
    'spinnaker_username',
    'spinnaker_client_cert',
    'spinnaker_wait',
    'spinnaker_ui_url',
    'webhook_method',
    'webhook_accept',
    'webhook_wait',
    'webhook_status_url',
    'webhook_state',
    'webhook_progress',
    'webhook_success',
    'webhook_failure',
    'webhook_cancelled',
    'webhook_interval',
    'webhook_cancel_url',
  ]
}
// end generated: names

// begin generated: script
def script() {
  return '''
    exec docker run --rm -v "$PWD:/work" -w /work \
      -e BRANCH_NAME -e BUILD_NUMBER -e BUILD_URL -e BUILD_USER_ID -e CHANGE_AUTHOR -e CHANGE_BRANCH \
      -e CHANGE_FORK -e CHANGE_ID -e GIT_BRANCH -e GIT_COMMIT -e GIT_URL -e JENKINS_URL -e JOB_NAME \
      -e RUN_DISPLAY_URL -e TAG_NAME -e WORKSPACE -e ghprbActualCommit -e ghprbPullId \
      -e gitlabMergeRequestIid -e gitlabMergeRequestLastCommit -e PLUGIN_ACTION -e PLUGIN_ONLY \
      -e PLUGIN_TARGET -e PLUGIN_ENVIRONMENT -e PLUGIN_COMPONENT -e PLUGIN_REPO -e PLUGIN_OWNER \
      -e PLUGIN_COMMIT -e PLUGIN_REF -e PLUGIN_DEPLOYMENT_ID -e PLUGIN_TASK -e PLUGIN_DESCRIPTION \
      -e PLUGIN_PAYLOAD -e PLUGIN_ENVIRONMENT_URL -e PLUGIN_LOG_URL -e PLUGIN_EVENTS \
      -e PLUGIN_TIMEOUT -e PLUGIN_RUN_KEY -e PLUGIN_WHEN_BUSY -e PLUGIN_SUPERSEDE -e PLUGIN_CHECKOUT \
      -e PLUGIN_CHECKOUT_LIMIT -e PLUGIN_DRY_RUN -e PLUGIN_OUTPUT_FILE -e PLUGIN_SUMMARY \
      -e PLUGIN_CARD_SCHEMA -e PLUGIN_LOG_LEVEL -e PLUGIN_DEBUG -e PLUGIN_LOG_FORMAT \
      -e PLUGIN_HEARTBEAT -e PLUGIN_CA_CERT -e PLUGIN_SKIP_VERIFY -e PLUGIN_ENV_FILE \
      -e PLUGIN_HTTP_TIMEOUT -e PLUGIN_REPORT -e PLUGIN_REQUIRE_STATUS -e PLUGIN_STATE \
      -e PLUGIN_GITHUB_TOKEN -e PLUGIN_GITHUB_API_URL -e PLUGIN_GITHUB_APP_ID \
      -e PLUGIN_GITHUB_APP_PRIVATE_KEY -e PLUGIN_GITHUB_APP_INSTALLATION_ID \
      -e PLUGIN_CREATE_DEPLOYMENT -e PLUGIN_TRANSIENT_ENVIRONMENT -e PLUGIN_PRODUCTION_ENVIRONMENT \
      -e PLUGIN_AUTO_INACTIVE -e PLUGIN_REQUIRED_CONTEXTS -e PLUGIN_AUTO_MERGE -e PLUGIN_FINAL_STATUS \
      -e PLUGIN_CANCEL_STATE -e PLUGIN_SETTLE -e PLUGIN_STATUS_CONTEXT -e PLUGIN_GITLAB_TOKEN \
      -e PLUGIN_GITLAB_URL -e PLUGIN_GITLAB_PROJECT -e PLUGIN_BITBUCKET_TOKEN \
      -e PLUGIN_BITBUCKET_USERNAME -e PLUGIN_BITBUCKET_APP_PASSWORD -e PLUGIN_BITBUCKET_DC_URL \
      -e PLUGIN_BITBUCKET_DC_TOKEN -e PLUGIN_GITEA_TOKEN -e PLUGIN_GITEA_URL -e PLUGIN_SLACK_TOKEN \
      -e PLUGIN_SLACK_CHANNEL -e PLUGIN_SLACK_WEBHOOK_URL -e PLUGIN_SLACK_ON -e PLUGIN_SLACK_MENTION \
      -e PLUGIN_SLACK_API_URL -e PLUGIN_DIVERSION_TOKEN -e PLUGIN_DIVERSION_REPO \
      -e PLUGIN_DIVERSION_REF -e PLUGIN_DIVERSION_PATH -e PLUGIN_DIVERSION_METHOD \
      -e PLUGIN_DIVERSION_CLIENT_ID -e PLUGIN_DIVERSION_API_URL -e PLUGIN_DIVERSION_AUTH_URL \
      -e PLUGIN_COMMAND -e PLUGIN_SHELL -e PLUGIN_WORKDIR -e PLUGIN_COMMAND_ENV -e PLUGIN_GRACE \
      -e PLUGIN_CONVOX_RACK_URL -e PLUGIN_CONVOX_HOST -e PLUGIN_CONVOX_PASSWORD -e PLUGIN_CONVOX_RACK \
      -e PLUGIN_CONVOX_APP -e PLUGIN_CONVOX_DIR -e PLUGIN_CONVOX_MANIFEST \
      -e PLUGIN_CONVOX_DESCRIPTION -e PLUGIN_CONVOX_BUILD_ARGS -e PLUGIN_CONVOX_NO_CACHE \
      -e PLUGIN_CONVOX_DEVELOPMENT -e PLUGIN_CONVOX_PROMOTE -e PLUGIN_CONVOX_RELEASE \
      -e PLUGIN_CONVOX_FORCE -e PLUGIN_CONVOX_BUILD_TIMEOUT -e PLUGIN_CONVOX_PROMOTE_TIMEOUT \
      -e PLUGIN_CONVOX_ROLLOUT_TIMEOUT -e PLUGIN_CONVOX_CREATE_APP -e PLUGIN_CONVOX_ENV \
      -e PLUGIN_CONVOX_ENV_REPLACE -e PLUGIN_CONVOX_BEFORE_PROMOTE -e PLUGIN_CONVOX_CA_CERT \
      -e PLUGIN_CONVOX_SKIP_VERIFY -e PLUGIN_DIVIO_TOKEN -e PLUGIN_DIVIO_APPLICATION \
      -e PLUGIN_DIVIO_ENVIRONMENT -e PLUGIN_DIVIO_BUILD_MODE -e PLUGIN_DIVIO_ON_BUSY \
      -e PLUGIN_DIVIO_QUEUE_TIMEOUT -e PLUGIN_DIVIO_VERIFY -e PLUGIN_DIVIO_VERIFY_RETRIES \
      -e PLUGIN_DIVIO_PULL_DELAY -e PLUGIN_DIVIO_WEBHOOK_URL -e PLUGIN_DIVIO_WEBHOOK_SECRET \
      -e PLUGIN_DIVIO_WEBHOOK_TYPE -e PLUGIN_DIVIO_ENV -e PLUGIN_DIVIO_SENSITIVE_ENV \
      -e PLUGIN_DIVIO_LOG -e PLUGIN_DIVIO_POLL_INTERVAL -e PLUGIN_DIVIO_ZONE -e PLUGIN_DIVIO_API_URL \
      -e PLUGIN_SPINNAKER_GATE_URL -e PLUGIN_SPINNAKER_APPLICATION -e PLUGIN_SPINNAKER_PIPELINE \
      -e PLUGIN_SPINNAKER_PARAMETERS -e PLUGIN_SPINNAKER_TOKEN -e PLUGIN_SPINNAKER_HEADER \
      -e PLUGIN_SPINNAKER_USERNAME -e PLUGIN_SPINNAKER_PASSWORD -e PLUGIN_SPINNAKER_CLIENT_CERT \
      -e PLUGIN_SPINNAKER_CLIENT_KEY -e PLUGIN_SPINNAKER_WAIT -e PLUGIN_SPINNAKER_UI_URL \
      -e PLUGIN_WEBHOOK_URL -e PLUGIN_WEBHOOK_METHOD -e PLUGIN_WEBHOOK_HEADERS \
      -e PLUGIN_WEBHOOK_TOKEN -e PLUGIN_WEBHOOK_SECRET -e PLUGIN_WEBHOOK_BODY \
      -e PLUGIN_WEBHOOK_ACCEPT -e PLUGIN_WEBHOOK_WAIT -e PLUGIN_WEBHOOK_STATUS_URL \
      -e PLUGIN_WEBHOOK_STATE -e PLUGIN_WEBHOOK_PROGRESS -e PLUGIN_WEBHOOK_SUCCESS \
      -e PLUGIN_WEBHOOK_FAILURE -e PLUGIN_WEBHOOK_CANCELLED -e PLUGIN_WEBHOOK_INTERVAL \
      -e PLUGIN_WEBHOOK_CANCEL_URL \
      "$SLIPWAY_IMAGE"
  '''
}
// end generated: script
