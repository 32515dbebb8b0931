import { envName } from '../../define.ts';
import { general } from '../../general.ts';
import { indent, type Parameter, parameterLines, parameterOf, quote } from './parameters.ts';

type Key = keyof typeof general;
type Job = {
  readonly label: string;
  readonly type: string;
  readonly description: string;
  /** Name of the container, whose log Spinnaker reads outputs from. */
  readonly container: string;
  readonly image: string;
  readonly deckUrl: string;
  readonly deadlineSeconds: number;
  /** Settings that the stage fills in, with their defaults. */
  readonly parameters: readonly (readonly [Key, string?])[];
  /** Variables that the operator fills in: lines of one entry each. */
  readonly fixed: readonly (readonly string[])[];
};

const envPath = 'manifest.spec.template.spec.containers[0].env';

export const statusJob = (image: string, deckUrl: string): readonly string[] =>
  jobLines({
    label: 'Deployment Status Job',
    type: 'deploymentStatusJob',
    description: 'Post one status on a GitHub deployment from a container.',
    container: 'deployment-status',
    image,
    deckUrl,
    deadlineSeconds: 600,
    parameters: [
      ['owner'],
      ['repo'],
      ['deploymentId'],
      ['environment'],
      ['state', 'success'],
      ['environmentUrl'],
      ['description'],
    ],
    fixed: [plain(envName('action'), 'status')],
  });

export const deployJob = (image: string, deckUrl: string): readonly string[] =>
  jobLines({
    label: 'Deployment Job',
    type: 'deploymentJob',
    description: 'Deploy from a container and report it on GitHub.',
    container: 'deployment',
    image,
    deckUrl,
    // The run must reach its own end first, and report it.
    deadlineSeconds: general.timeout.default / 1000 + 600,
    parameters: [
      ['owner'],
      ['repo'],
      ['environment', 'production'],
      ['commit'],
      ['ref'],
      ['deploymentId'],
      ['environmentUrl'],
      ['description'],
    ],
    fixed: [
      plain(envName('target'), 'command'),
      [
        '# Nothing of the tree is used here; archive fetches it from the forge at the very commit.',
        ...plain(envName('checkout'), 'none'),
      ],
      [
        `- name: ${envName('command')}`,
        '  # Variables without braces here: Spring and Orca would replace those with them.',
        '  value: |',
        '    kubectl --namespace "$DEPLOY_ENVIRONMENT" set image deployment/hello "app=hello:$DEPLOY_SHA"',
        '    kubectl --namespace "$DEPLOY_ENVIRONMENT" rollout status deployment/hello --timeout=10m',
      ],
    ],
  });

const plain = (name: string, value: string): readonly string[] => [
  `- name: ${name}`,
  `  value: ${quote(value)}`,
];

/** A Job's identity, so that a pod that Kubernetes starts twice goes on with one deployment. */
const identity: readonly (readonly string[])[] = [
  plain('SPINNAKER_EXECUTION_ID', '${execution.id}'),
  plain('SPINNAKER_STAGE_ID', '${#currentStage().id}'),
  // A lone expression keeps its type, and Kubernetes refuses a number here.
  plain('SPINNAKER_STAGE_START_TIME', "${'' + #currentStage().startTime}"),
];

const jobLines = (job: Job): readonly string[] => [
  `- label: ${job.label}`,
  `  type: ${job.type}`,
  `  description: ${job.description}`,
  '  cloudProvider: kubernetes',
  '  account: my-k8s-account',
  '  credentials: my-k8s-account',
  '  application: deployments',
  '  waitForCompletion: true',
  `  propertyFile: ${job.container} # the container's name; its outputs go to later stages`,
  '  parameters: # each fills one variable below, by its place in the list',
  ...indent(
    parameterLines(
      job.parameters.map(([key, preset]): Parameter => parameterOf(key, preset)),
      (index) => `${envPath}[${index}].value`,
    ),
    4,
  ),
  '  manifest:',
  ...indent(manifest(job), 4),
];

const manifest = (job: Job): readonly string[] => [
  'apiVersion: batch/v1',
  'kind: Job',
  'metadata:',
  `  generateName: ${job.container}- # a fixed name would be deleted and recreated by every run`,
  '  namespace: default',
  'spec:',
  '  backoffLimit: 0',
  `  activeDeadlineSeconds: ${job.deadlineSeconds} # Spinnaker cannot cancel a Job; this ends it`,
  '  ttlSecondsAfterFinished: 3600',
  '  template:',
  '    spec:',
  '      restartPolicy: Never',
  '      containers:',
  `        - name: ${job.container}`,
  `          image: ${quote(job.image)}`,
  '          terminationMessagePolicy: FallbackToLogsOnError # the reason of a failure',
  '          env:',
  ...indent(variables(job), 12),
];

const variables = ({ parameters, fixed, deckUrl }: Job): readonly string[] =>
  [
    ...parameters.map(([key, preset = '']) => plain(envName(key), preset)),
    ...fixed,
    plain(
      envName('logUrl'),
      `${deckUrl}/#/applications/\${execution.application}/executions/details/\${execution.id}`,
    ),
    ...identity,
    [
      '- name: GITHUB_TOKEN',
      '  valueFrom:',
      '    secretKeyRef:',
      '      name: slipway',
      '      key: github-token',
    ],
  ].flat();
