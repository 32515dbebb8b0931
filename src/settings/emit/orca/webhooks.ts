import { indent, type Parameter, parameterLines, parameterOf, quote } from './parameters.ts';
import { hasSince } from './release.ts';

export type Site = {
  /** Base of Slipway's own server. */
  readonly publicUrl: string;
  /** Base of Spinnaker's UI, for links. */
  readonly deckUrl: string;
  readonly release: string | undefined;
};

const value = (name: string): string => `\${#toJson(parameterValues['${name}'])}`;
const current = '#currentStage()';
/** The same for every retry of a stage, another after "restart stage". */
const runOf = `\${execution.id}.\${${current}.id}.\${${current}.startTime}`;

/** Fire and forget, straight to GitHub. */
export function githubStatus({ deckUrl, release }: Site): readonly string[] {
  const parameters: readonly Parameter[] = [
    parameterOf('owner'),
    { ...parameterOf('repo'), description: 'Name of the repository, without its owner.' },
    parameterOf('deploymentId'),
    { ...parameterOf('state', 'in_progress'), description: githubStates },
    parameterOf('description'),
  ];
  const path = ['owner', 'repo'].map((name) => `\${parameterValues['${name}']}`).join('/');
  return [
    '- label: Update Deployment Status',
    '  type: updateDeploymentStatus',
    '  enabled: true',
    '  description: Create a status on a GitHub deployment.',
    '  method: POST',
    `  url: ${quote(`https://api.github.com/repos/${path}/deployments/\${parameterValues['deployment_id']}/statuses`)}`,
    ...headers({ Accept: 'application/vnd.github+json' }, 'GITHUB_TOKEN', release),
    '  payload: |-',
    '    {',
    `      "state": ${value('state')},`,
    `      "description": ${value('description')},`,
    `      "log_url": "${deckUrl}/#/applications/\${execution.application}/executions/details/\${execution.id}"`,
    '    }',
    '  waitForCompletion: false',
    '  failFastStatusCodes: [504]',
    '  parameters:',
    ...indent(parameterLines(parameters), 4),
  ];
}
const githubStates = 'One of queued, in_progress, pending, success, failure, error and inactive.';

/** A run of Slipway's server that names its deployment itself, polled until it ends. */
export function serverRun(site: Site): readonly string[] {
  return runStage(
    {
      type: 'deploymentRun',
      label: 'Deployment Run',
      description: 'Start a run in Slipway and wait for its end.',
      token: 'SLIPWAY_TOKEN',
      parameters: [
        {
          name: 'deployment',
          label: 'Deployment',
          description:
            'Name of the deployment in slipway.yml; without it, repository and environment select one.',
          defaultValue: '',
        },
        parameterOf('owner'),
        parameterOf('repo'),
        parameterOf('environment'),
        parameterOf('deploymentId'),
        {
          ...parameterOf('ref'),
          description: 'Branch or tag to deploy, when there is no deployment id.',
        },
        parameterOf('commit'),
        parameterOf('description'),
      ],
    },
    site,
  );
}

export type RunStage = {
  /** Unique: what pipelines call the stage. */
  readonly type: string;
  readonly label: string;
  readonly description: string;
  /** Variable of Orca's environment that holds the token. */
  readonly token: string;
  /** Deployment of slipway.yml, where the stage is for one alone. */
  readonly deployment?: string;
  readonly parameters: readonly Parameter[];
};

/** Starts a run, and follows it to its end. */
export function runStage(stage: RunStage, { publicUrl, release }: Site): readonly string[] {
  const { type, label, description, token, deployment, parameters } = stage;
  const accept = { Accept: 'application/json', 'Idempotency-Key': runOf };
  return [
    `- label: ${plainOr(label)}`,
    `  type: ${plainOr(type)}`,
    '  enabled: true',
    `  description: ${plainOr(description)}`,
    '  method: POST',
    `  url: ${quote(`${publicUrl}/spinnaker/v1/runs`)}`,
    ...headers(accept, token, release),
    '  payload: |-',
    '    {',
    ...(deployment === undefined ? [] : [`      "deployment": ${quote(deployment)},`]),
    ...parameters.map(({ name }) => `      "${name}": ${value(name)},`),
    '      "spinnaker": {',
    '        "application": ${#toJson(execution.application)},',
    '        "pipeline": ${#toJson(execution.name)},',
    '        "execution_id": "${execution.id}",',
    `        "stage_id": "\${${current}.id}"`,
    '      }',
    '    }',
    ...indent(waiting(publicUrl, release), 2),
    ...(parameters.length > 0 ? ['  parameters:', ...indent(parameterLines(parameters), 4)] : []),
  ];
}

/** Bare where YAML reads it back as it is. */
const plainOr = (text: string): string =>
  /^[A-Za-z][\w ./-]*[\w.]$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : quote(text);

/** How Orca follows a run: every word must be listed, for an unknown one means an hour of waiting. */
const waiting = (publicUrl: string, release: string | undefined): readonly string[] => [
  'waitForCompletion: true',
  ...(hasSince(release, '2026.0') ? ['waitBeforeMonitor: 2'] : []),
  'statusUrlResolution: webhookResponse',
  'statusUrlJsonPath: $.status_url',
  'statusJsonPath: $.status',
  'progressJsonPath: $.progress',
  'successStatuses: SUCCESS',
  'canceledStatuses: CANCELED,CANCELLED',
  'terminalStatuses: FAILURE,ERROR,TIMED_OUT',
  'signalCancellation: true # for the UI; cancelEndpoint is what enables the call',
  'cancelMethod: POST',
  `cancelEndpoint: ${quote(`${publicUrl}/spinnaker/v1/executions/\${execution.id}/stages/\${${current}.id}/cancel`)}`,
  `cancelPayload: '{"key": "${runOf}", "reason": "canceled by Spinnaker"}'`,
  'failFastStatusCodes: [504]',
];

/** Sent on create, poll and cancel. Without a Content-Type Orca sends Latin-1 text. */
function headers(
  plain: Readonly<Record<string, string>>,
  variable: string,
  release: string | undefined,
): readonly string[] {
  const line = (name: string, text: string): string => `    ${name}: [${quote(text)}]`;
  const open = Object.entries({ ...plain, 'Content-Type': 'application/json' });
  const bearer = line('Authorization', `Bearer \${${variable}}`);
  return [
    '  customHeaders:',
    ...open.map(([name, text]) => line(name, text)),
    ...(hasSince(release, '2026.1')
      ? ['  sensitiveHeaders: # never stored in the execution', bearer]
      : [
          '    # Shown in the execution; from Spinnaker 2026.1 on, put it under sensitiveHeaders.',
          bearer,
        ]),
  ];
}
