import type { CiSystem } from '../context/context.ts';
import { passOn, wrapFlags } from '../settings/emit/docker-run.ts';

/** Docker passes no variable on: this line names those that the context reads, and mounts the files behind them. */
export function dockerFlags({ id, docs, variables }: CiSystem): string {
  const files = variables
    .filter((name) => /_(?:EVENT_PATH|OUTPUT|STEP_SUMMARY)$/.test(name))
    .concat(
      id === 'github-actions' || id === 'gitea-actions'
        ? ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']
        : [],
    );
  const names = [...new Set([...variables, ...files])];
  const mounts = [...new Set(files)].map((name) => `-v "$${name}:$${name}"`);
  const flags = [...passOn(names), ...mounts, '-v "$PWD:/work" -w /work'];
  const named = variables.find((name) => environmentNames.test(name));
  const environment = named ? '-e PLUGIN_ENVIRONMENT' : '-e PLUGIN_ENVIRONMENT=production';
  const whence = named
    ? `# The environment is that of ${named}; PLUGIN_ENVIRONMENT replaces it where it is set.`
    : `# ${id} does not say which environment: PLUGIN_ENVIRONMENT does.`;
  return `# ${id}: variables are described at ${docs}
# Add a line -e PLUGIN_X for each setting; secrets by name alone, so that they stay out of the log.
${whence}
docker run --rm \\
${wrapFlags(flags)} \\
  -e PLUGIN_COMMAND='./deploy.sh' ${environment} -e PLUGIN_GITHUB_TOKEN \\
  slipway
`;
}

/** Variables in which a CI system names the environment of a deploy. */
const environmentNames =
  /^(?:DRONE_DEPLOY_TO|CI_PIPELINE_DEPLOY_TARGET|(?:\w+_)?ENVIRONMENT_NAME|\w+_DEPLOYMENT_ENVIRONMENT)$/;
