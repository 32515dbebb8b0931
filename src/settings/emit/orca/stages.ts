import { indent } from './parameters.ts';
import { hardening, preamble } from './rules.ts';
import { type RunStage, runStage, type Site } from './webhooks.ts';

export type DeploymentStage = RunStage & {
  readonly deployment: string;
  /** One line on what it deploys, for whoever reads the file. */
  readonly about: string;
};
type Options = {
  readonly publicUrl: string;
  readonly spinnaker?: string;
  /** Variables of Orca's environment, each with the token of slipway.yml whose value it holds. */
  readonly tokens: readonly (readonly [variable: string, token: string])[];
  readonly stages: readonly DeploymentStage[];
};

/** An orca-local.yml with a stage for each deployment of a slipway.yml, and how to use it. */
export function stagesYaml({ publicUrl, spinnaker, tokens, stages }: Options): string {
  const base = publicUrl.replace(/\/+$/, '');
  const site: Site = { publicUrl: base, deckUrl: '', release: spinnaker };
  const lines = [
    ...preamble,
    '#',
    ...howTo(tokens, stages),
    '',
    'webhook:',
    '  preconfigured:',
    ...stages.flatMap((stage, at) => [
      ...(at > 0 ? [''] : []),
      `    # ${stage.about}`,
      ...indent(runStage(stage, site), 4),
    ]),
    '',
    ...hardening(base, false),
  ];
  return `${lines.join('\n')}\n`;
}

const howTo = (tokens: Options['tokens'], [first]: Options['stages']): readonly string[] => [
  '# How to:',
  '# 1. Put the entries below into your orca-local.yml; it has one list webhook.preconfigured.',
  ...tokens.map(
    ([variable, token]) =>
      `# 2. Set ${variable} in the environment of Orca to the value of the token ${token}, and restart Orca.`,
  ),
  '# 3. Add the stage to a pipeline: in the UI by its label, or as JSON, where ?: and ternaries are fine:',
  `#    {"type": ${JSON.stringify(first?.type)}, "alias": "preconfiguredWebhook", "name": ${JSON.stringify(first?.label)},`,
  `#     "parameterValues": {"deployment_id": "\${trigger['payload']['deployment']['id']}"}}`,
  '# 4. Orca stops waiting after an hour. For longer deploys, add to the JSON of the stage:',
  '#    "overrideTimeout": true, "stageTimeoutMs": 7200000',
  '# 5. Have something in front of Slipway that stays while it restarts: a refused connection fails the stage. Orca says',
  '#    once that a stage is canceled: with two replicas there is always one that hears it.',
];
