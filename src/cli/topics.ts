import type { CiSystem } from '../context/context.ts';
import { exits } from '../outcome.ts';
import type { Owner } from '../settings/emit/owner.ts';
import { settingsHelp, wrap } from '../settings/emit/terminal.ts';

/** What the topics are made of, so that this folder needs no registry. */
export type Shelf = {
  readonly owners: readonly Owner[];
  readonly targets: readonly { readonly id: string; readonly about: string }[];
  readonly reporters: readonly { readonly id: string; readonly about: string }[];
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
  docker run --rm slipway help            all topics
  docker run --rm slipway help settings   every setting
`;

const topics: Readonly<
  Record<string, (shelf: Shelf, words: readonly string[]) => string | undefined>
> = {
  settings: ({ owners }, [owner]) => {
    const some = owner ? owners.filter((one) => one.owner === owner) : owners;
    return some.length > 0 ? settingsHelp(some) : undefined;
  },
  targets: ({ targets }) => list(targets),
  reporters: ({ reporters }) => list(reporters),
  'exit-codes': () => exitCodes(),
  examples: () => examples,
  'docker-flags': ({ ciSystems }, [id]) => {
    const systems = ciSystems.filter((one) => one.id !== 'none');
    const system = systems.find((one) => one.id === id);
    return system
      ? dockerFlags(system)
      : `Name a CI system: ${systems.map((one) => one.id).join(', ')}\n`;
  },
};

/** undefined: there is no such topic. */
export function topicText(shelf: Shelf, words: readonly string[]): string | undefined {
  const [topic, ...rest] = words;
  if (topic === undefined) return undefined;
  return Object.hasOwn(topics, topic) ? topics[topic]?.(shelf, rest) : undefined;
}

export const topicNames: readonly string[] = Object.keys(topics);

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
  return `# ${id}: variables are described at ${docs}
# Add a line -e PLUGIN_X for each setting; secrets by name alone, so that they stay out of the log.
docker run --rm \\
${wrapFlags(flags)} \\
  -e PLUGIN_COMMAND='./deploy.sh' -e PLUGIN_GITHUB_TOKEN \\
  slipway
`;
}

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
