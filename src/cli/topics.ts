import type { CiSystem } from '../context/context.ts';
import { exits } from '../outcome.ts';
import { type Table, yamlName } from '../settings/define.ts';
import { allSettings, type Owner } from '../settings/emit/owner.ts';
import { oneSetting, settingsHelp, wrap } from '../settings/emit/terminal.ts';
import { nearestOf } from '../settings/nearest.ts';
import { verbs } from './parse.ts';

/** What the topics are made of, so that this folder needs no registry. */
export type Shelf = {
  readonly owners: readonly Owner[];
  readonly targets: readonly { readonly id: string; readonly about: string }[];
  readonly reporters: readonly {
    readonly id: string;
    readonly about: string;
    readonly settings: Table;
  }[];
  readonly ciSystems: readonly CiSystem[];
  readonly version: string;
};

/** For somebody who started the container with nothing at all. */
export const welcome = (
  version: string,
): string => `slipway ${version}: runs a deploy and tells the truth about it

Nothing is set, so there is nothing to do. In a pipeline step:

  image: slipway
  settings:
    target: command
    command: ./deploy.sh
    github_token:
      from_secret: github_token

or by hand:

  docker run --rm -e PLUGIN_COMMAND='echo hello' slipway
  docker run --rm slipway help            what there is
  docker run --rm slipway help settings   every setting
`;

type Topic = {
  readonly about: string;
  /** undefined: it has nothing of that name. */
  text(shelf: Shelf, words: readonly string[]): string | undefined;
  /** Words that may follow. */
  names?(shelf: Shelf): readonly string[];
};

const topics: Readonly<Record<string, Topic>> = {
  settings: {
    about: 'every setting; of one part: help settings PART; one: help settings NAME',
    text: (shelf, [name]) => (name ? settingsOf(shelf, name) : settingsHelp(shelf.owners)),
    names: (shelf) => [...groupIds(shelf), ...settingNames(shelf)],
  },
  targets: { about: 'services that deploy', text: ({ targets }) => list(targets) },
  reporters: { about: 'who is told of a deploy', text: ({ reporters }) => list(reporters) },
  'exit-codes': { about: 'what each exit code means', text: () => exitCodes() },
  examples: { about: 'steps and commands to copy', text: () => examples },
  'docker-flags': {
    about: 'the docker run that a CI system needs: help docker-flags CI',
    text: ({ ciSystems }, [id]) => {
      const systems = ciSystems.filter((one) => one.id !== 'none');
      if (!id) return `Name a CI system: ${systems.map((one) => one.id).join(', ')}\n`;
      const system = systems.find((one) => one.id === id);
      return system && dockerFlags(system);
    },
    names: ({ ciSystems }) => ciSystems.map(({ id }) => id).filter((id) => id !== 'none'),
  },
};

export const topicNames: readonly string[] = Object.keys(topics);

/** undefined: there is no such topic. */
export function topicText(shelf: Shelf, words: readonly string[]): string | undefined {
  const [topic = '', ...rest] = words;
  if (Object.hasOwn(topics, topic)) return topics[topic]?.text(shelf, rest);
  // A group or a setting may be named alone.
  return rest.length === 0 && topic ? settingsOf(shelf, topic) : undefined;
}

/** What was asked for and is not there, with what was probably meant. */
export function missingTopic(shelf: Shelf, words: readonly string[]): string {
  const [topic = '', name] = words;
  const names = Object.hasOwn(topics, topic) ? topics[topic]?.names?.(shelf) : undefined;
  if (names && name) {
    const nearest = nearestOf(name.toLowerCase(), names);
    const cure = nearest ? `did you mean ${nearest}?` : `see: slipway help ${topic}`;
    return `${name} is not known to help ${topic}; ${cure}\n`;
  }
  const known = [...topicNames, ...Object.keys(verbs), ...groupIds(shelf), ...settingNames(shelf)];
  const nearest = nearestOf(topic.toLowerCase(), known);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  return `${words.join(' ')} is not a topic${hint}\nTopics: ${topicNames.join(', ')}\n`;
}

/** Ids of what has settings: `help settings ID`. */
export const groupIds = ({ owners, reporters }: Shelf): readonly string[] => [
  ...new Set([...owners.map(({ owner }) => owner), ...reporters.map(({ id }) => id)]),
];

const settingNames = ({ owners }: Shelf): readonly string[] =>
  allSettings(owners).map(([key]) => yamlName(key));

/** Of a group by its id, or one by any of its spellings. */
function settingsOf({ owners, reporters }: Shelf, name: string): string | undefined {
  const id = name.toLowerCase();
  const group = owners.find(({ owner }) => owner === id);
  if (group) return `${settingsHelp([group])}\n`;
  const reporter = reporters.find((one) => one.id === id);
  if (reporter) {
    const { about, settings: table } = reporter;
    return `${settingsHelp([{ title: `Reporter ${id}`, owner: id, about, table }])}\n`;
  }
  const spelt = id.replace(/^(?:--|plugin_)/, '').replace(/[-.]/g, '_');
  const found = allSettings(owners).find(
    ([key, { alias = [] }]) => yamlName(key) === spelt || alias.includes(spelt),
  );
  return found && `${oneSetting(...found)}\n`;
}

/** A screen for somebody who asks what this is. */
export function shortHelp(shelf: Shelf): string {
  const { version, owners } = shelf;
  const settings = new Map(allSettings(owners));
  const used = mostUsed.flatMap((key) => {
    const setting = settings.get(key);
    return setting ? [[yamlName(key), setting.about.replaceAll('`', '')] as const] : [];
  });
  return `slipway ${version}: runs a deploy and tells the truth about it

  slipway [verb] [--setting value]

Verbs:
${columns(Object.entries(verbs))}

The settings that are used most (PLUGIN_COMMAND or --command; a secret is a variable only):
${columns(used)}

Topics, with slipway help:
${columns(Object.entries(topics).map(([name, { about }]) => [name, about]))}

All flags: slipway help deploy. Where it comes from there is a README.md, with more on every CI system.
`;
}

const mostUsed = [
  'command',
  'target',
  'webhookUrl',
  'environment',
  'environmentUrl',
  'githubToken',
  'timeout',
  'dryRun',
];

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, about]) => {
      const [first = '', ...rest] = wrap(about, ' '.repeat(width + 4)).split('\n');
      return [`  ${name.padEnd(width)}  ${first.trim()}`, ...rest].join('\n');
    })
    .join('\n');
}

const list = (entries: readonly { id: string; about: string }[]): string =>
  entries.map(({ id, about }) => `${id}\n${wrap(about, '  ')}\n`).join('\n');

const exitCodes = (): string =>
  `${Object.values(exits)
    .map(({ code, means }) => `${String(code).padStart(4)}  ${means}`)
    .join('\n')}\n`;

const examples = `A step of Drone or Woodpecker:

  - name: deploy
    image: slipway
    settings:
      command: ./deploy.sh
      environment_url: https://shop.example.com
      github_token:
        from_secret: github_token
    when:
      event: [promote, rollback]   # Woodpecker: deployment

By hand, telling nobody:

  docker run --rm -v "$PWD:/w" -w /w -e PLUGIN_COMMAND='./deploy.sh' -e PLUGIN_ENVIRONMENT=staging slipway

What would happen, and do the credentials work?

  docker run --rm -e PLUGIN_COMMAND=./deploy.sh -e PLUGIN_GITHUB_TOKEN -e PLUGIN_REPO=octo/shop \\
    -e PLUGIN_ENVIRONMENT=staging slipway check

Close what killed runs left open (for a nightly job):

  docker run --rm -e PLUGIN_GITHUB_TOKEN -e PLUGIN_REPO=octo/shop slipway reap
`;

/** Docker passes no variable on: this line names those that the context reads, and mounts the files behind them. */
function dockerFlags({ id, docs, variables }: CiSystem): string {
  const files = variables
    .filter((name) => /_(?:EVENT_PATH|OUTPUT|STEP_SUMMARY)$/.test(name))
    .concat(
      id === 'github-actions' || id === 'gitea-actions'
        ? ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']
        : [],
    );
  const names = [...new Set([...variables, ...files])];
  const mounts = [...new Set(files)].map((name) => `-v "$${name}:$${name}"`);
  const flags = [...names.map((name) => `-e ${name}`), ...mounts, '-v "$PWD:/work" -w /work'];
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

function wrapFlags(flags: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const flag of flags) {
    if (line.length + flag.length > 96) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${flag}`;
  }
  return [...lines, line].join(' \\\n');
}
