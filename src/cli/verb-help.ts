import { exits } from '../outcome.ts';
import { envName, flagName, type Setting, yamlName } from '../settings/define.ts';
import { allSettings } from '../settings/emit/owner.ts';
import { columns, plain, presetText } from '../settings/emit/terminal.ts';
import { examplesOf } from './examples.ts';
import type { Shelf } from './topics.ts';
import {
  type CliVerb,
  flagsOf,
  isRunVerb,
  type RunVerb,
  readersOf,
  serverVerbs,
  verbFlags,
  verbs,
} from './verbs.ts';

type Use = {
  /** Without these it has nothing to do; each is there by its default, by what CI says, or by its author. */
  readonly needs: readonly string[];
  /** The others that are used most with it. */
  readonly takes: readonly string[];
  readonly ends: readonly (keyof typeof exits)[];
};

/** Keys of the settings that bear on a verb; what is said of each stands in the tables. */
const uses: Readonly<Record<RunVerb, Use>> = {
  deploy: {
    needs: [],
    takes: [
      ...['environment', 'environmentUrl', 'githubToken', 'repo', 'commit'],
      ...['events', 'timeout', 'whenBusy', 'dryRun'],
    ],
    ends: [
      ...(['ok', 'failed', 'settings', 'statusLost', 'timedOut'] as const),
      ...(['refused', 'credentials', 'interrupted', 'terminated'] as const),
    ],
  },
  status: {
    needs: ['githubToken', 'repo', 'commit', 'state'],
    takes: ['environment', 'deploymentId', 'statusContext', 'description', 'environmentUrl'],
    ends: ['ok', 'settings', 'statusLost', 'credentials'],
  },
  check: {
    needs: [],
    takes: ['environment', 'githubToken', 'repo', 'commit'],
    ends: ['ok', 'failed', 'settings', 'credentials'],
  },
  reap: {
    needs: ['githubToken', 'repo'],
    takes: ['environment', 'component', 'timeout', 'dryRun'],
    ends: ['ok', 'failed', 'settings', 'credentials'],
  },
};
/** Verbs of which a deploy is the matter need what its target needs. */
const deploying: readonly RunVerb[] = ['deploy', 'check'];

/** `help VERB` and `VERB --help`: what it does and needs, how it ends, and an example. */
export function verbHelp(shelf: Shelf, verb: CliVerb): string {
  const parts = [
    `slipway ${verb}: ${verbs[verb]}`,
    ...(isRunVerb(verb) ? runParts(shelf, verb) : flagParts(shelf, verb)),
    examplesOf(verb).trimEnd(),
    ...(isRunVerb(verb) ? [where] : []),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const where = `PLUGIN_X is the flag --x too, unless it is a secret. "context" is what CI says.
All settings: slipway help settings; one: slipway help settings github_token.`;

function runParts(shelf: Shelf, verb: RunVerb): readonly string[] {
  const { needs, takes, ends } = uses[verb];
  const settings = new Map(allSettings(shelf.owners));
  const row = (key: string): readonly [string, string] => {
    const setting = settings.get(key);
    if (!setting) throw new TypeError(`help ${verb} names ${key}, which is no setting`);
    return [envName(key), described(setting)];
  };
  const ofTargets = deploying.includes(verb) ? targetRows(shelf) : [];
  return [
    section('Needs the settings of one target:', ofTargets),
    section('Needs:', needs.map(row)),
    needs.includes('githubToken') ? otherAudiences : '',
    section('Takes, with others:', takes.map(row)),
    endSection(ends),
  ];
}

/** GitHub's stands for all. */
const otherAudiences = `Of another forge its own credential does as well, such as PLUGIN_GITLAB_TOKEN:
slipway help reporters`;

const endSection = (ends: Use['ends']): string =>
  section(
    'Exits with:',
    ends.map((end) => [String(exits[end].code), exits[end].means]),
  );

const section = (title: string, rows: readonly (readonly [string, string])[]): string =>
  rows.length > 0 ? `${title}\n${columns(rows)}` : '';

const described = (setting: Setting): string => {
  const preset = presetText(setting);
  return preset === 'not set' ? setting.about : `${setting.about} (${preset})`;
};

const targetRows = ({ targets }: Shelf): readonly (readonly [string, string])[] =>
  targets.flatMap(({ id, settings }) =>
    Object.entries(settings)
      .filter(([, { required }]) => required)
      .map(([key, { about }]) => [envName(key), `${id}: ${plain(about)}`] as const),
  );

const flagParts = ({ server }: Shelf, verb: CliVerb): readonly string[] => [
  section(
    'Flags:',
    flagsOf(verb).map((name) => [`--${name}`, verbFlags[name]?.about ?? '']),
  ),
  section('Settings, by variable and as flags:', serverRows(server, verb)),
  serverVerbs.includes(verb) ? endSection(['ok', 'settings']) : '',
];

function serverRows(
  { table }: Shelf['server'],
  verb: CliVerb,
): readonly (readonly [string, string])[] {
  return Object.entries(table)
    .filter(([key]) => readersOf(yamlName(key)).includes(verb))
    .map(([key, setting]) => [
      setting.secret ? envName(key, 'SLIPWAY_') : `${envName(key, 'SLIPWAY_')}, --${flagName(key)}`,
      described(setting),
    ]);
}
