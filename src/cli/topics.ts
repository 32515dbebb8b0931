import type { CiSystem } from '../context/context.ts';
import { exits } from '../outcome.ts';
import { type Table, yamlName } from '../settings/define.ts';
import { allSettings, type Owner } from '../settings/emit/owner.ts';
import { columns, oneSetting, plain, settingsHelp, wrap } from '../settings/emit/terminal.ts';
import { nearestOf } from '../settings/nearest.ts';
import { dockerFlags } from './docker-flags.ts';
import { examplesOf } from './examples.ts';
import { verbs } from './verbs.ts';

/** What the topics are made of, so that this folder needs no registry. */
export type Shelf = {
  readonly owners: readonly Owner[];
  readonly targets: readonly {
    readonly id: string;
    readonly about: string;
    readonly settings: Table;
  }[];
  readonly reporters: readonly {
    readonly id: string;
    readonly about: string;
    readonly settings: Table;
  }[];
  readonly ciSystems: readonly CiSystem[];
  /** Settings of the process that serves. */
  readonly server: Owner;
  readonly version: string;
};

/** For somebody who started the container with nothing at all. */
export const welcome = (
  version: string,
): string => `slipway ${version}: runs a deploy and tells the truth about it

Nothing is set, so there is nothing to do. In a pipeline step:

  image: slipway
  settings:
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
  text(shelf: Shelf, name?: string): string | undefined;
  /** Words that may follow, one at a time. */
  names?(shelf: Shelf): readonly string[];
};

const topics: Readonly<Record<string, Topic>> = {
  settings: {
    about: 'every setting; of one part: help settings PART; one: help settings NAME',
    text: (shelf, name) => (name ? settingsOf(shelf, name) : settingsHelp(shelf.owners)),
    names: (shelf) => [...groupIds(shelf), ...settingNames(shelf)],
  },
  targets: { about: 'services that deploy', text: ({ targets }) => targetList(targets) },
  reporters: { about: 'who is told of a deploy', text: ({ reporters }) => audienceList(reporters) },
  'exit-codes': { about: 'what each exit code means', text: () => exitCodes() },
  examples: { about: 'steps and commands to copy', text: () => examplesOf() },
  'docker-flags': {
    about: 'the docker run that a CI system needs: help docker-flags CI',
    text: ({ ciSystems }, id) => {
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
  const [name = '', ...rest] = words;
  const topic = Object.hasOwn(topics, name) ? topics[name] : undefined;
  if (rest.length > (topic?.names ? 1 : 0)) return undefined;
  // A group or a setting may be named alone.
  return topic ? topic.text(shelf, rest[0]) : name ? settingsOf(shelf, name) : undefined;
}

/** What was asked for and is not there, with what was probably meant. */
export function missingTopic(shelf: Shelf, words: readonly string[]): string {
  const [topic = '', name] = words;
  const known = Object.hasOwn(topics, topic) ? topics[topic]?.names?.(shelf) : undefined;
  const most = known ? 2 : 1;
  if (words.length > most && isThere(shelf, topic)) {
    const said = words.slice(0, most).join(' ');
    return `${words[most]} is not known here: slipway help ${said} takes no more words\n`;
  }
  if (known && name) {
    const nearest = nearestOf(name.toLowerCase(), known);
    const cure = nearest ? `did you mean ${nearest}?` : `see: slipway help ${topic}`;
    return `${name} is not known to help ${topic}; ${cure}\n`;
  }
  const all = [...topicNames, ...Object.keys(verbs), ...groupIds(shelf), ...settingNames(shelf)];
  const nearest = nearestOf(topic.toLowerCase(), all);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  return `${topic} is not a topic${hint}\nTopics: ${topicNames.join(', ')}\nVerbs: ${Object.keys(verbs).join(', ')}\n`;
}

const isThere = (shelf: Shelf, topic: string): boolean =>
  [topics, verbs].some((names) => Object.hasOwn(names, topic)) || !!settingsOf(shelf, topic);

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
export function shortHelp({ version, owners }: Shelf): string {
  const settings = new Map(allSettings(owners));
  const used = mostUsed.flatMap((key) => {
    const setting = settings.get(key);
    return setting ? [[yamlName(key), setting.about] as const] : [];
  });
  return `slipway ${version}: runs a deploy and tells the truth about it

  slipway [verb] [--setting value]

Verbs, each explained by slipway help VERB:
${columns(Object.entries(verbs))}

The settings that are used most (PLUGIN_COMMAND or --command; a secret is a variable only):
${columns(used)}

By a service in place of a script, here to see what it would do:
  docker run --rm -e PLUGIN_TARGET=divio -e PLUGIN_DIVIO_APPLICATION=shop \\
    -e PLUGIN_DIVIO_ENVIRONMENT=live -e PLUGIN_DIVIO_TOKEN slipway check
  docker run --rm -e PLUGIN_TARGET=convox -e PLUGIN_CONVOX_RACK=acme/production \\
    -e PLUGIN_CONVOX_APP=shop -e PLUGIN_CONVOX_PASSWORD slipway check

Topics, with slipway help:
${columns(Object.entries(topics).map(([name, { about }]) => [name, about]))}
`;
}

const mostUsed = [
  'command',
  'webhookUrl',
  'environment',
  'environmentUrl',
  'githubToken',
  'timeout',
  'dryRun',
];

/** By which credential `auto` knows that each is meant. */
const audienceList = (reporters: Shelf['reporters']): string =>
  `${reporters
    .map(({ id, about, settings }) => {
      const secrets = Object.keys(settings).filter((key) => settings[key]?.secret);
      const credential = wrap(`Credential: ${secrets.map(yamlName).join(' or ')}.`, '  ');
      return `${id}\n${wrap(about, '  ')}\n${credential}\n`;
    })
    .join('\n')}
Told by report: auto is whose credential is set and whose repository it is; the log
says who, and why.
`;

/** What each needs, and where the rest is. */
const targetList = (targets: Shelf['targets']): string =>
  `${targets
    .map(({ id, about, settings }) => {
      const needed = Object.keys(settings).filter((key) => settings[key]?.required);
      const needs =
        needed.length > 0 ? `${wrap(`Needs ${needed.map(yamlName).join(', ')}.`, '  ')}\n` : '';
      return `${id}\n${wrap(about, '  ')}\n${needs}  More: slipway help settings ${id}\n`;
    })
    .join('\n')}
Then: slipway check says what a deploy would do, and whether its credentials work.
`;

const exitCodes = (): string =>
  `${Object.values(exits)
    .map(({ code, means }) => `${String(code).padStart(4)}  ${plain(means)}`)
    .join('\n')}\n`;
