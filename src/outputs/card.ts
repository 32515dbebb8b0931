import { durationText } from '../duration.ts';
import { outcomeText, type RunFacts, type RunOutputs, titleOf } from './run-outputs.ts';
import { byteLength, singleLine } from './text.ts';

/** What the template `docs/card.json` shows. Texts of one line; empty where not known. */
export type CardData = Readonly<Record<(typeof fields)[number], string>>;
const fields = [
  'title',
  'outcome',
  'color',
  'style',
  'description',
  'repo',
  'environment',
  'commit',
  'ref',
  'actor',
  'duration',
  'deployment_id',
  'run_key',
  'environment_url',
  'deployment_url',
  'log_url',
] as const;

const prefix = '\u001b]1338;';
const suffix = '\u001b]0m';
// A card that is split at 16384 bytes right inside its suffix swallows the rest of the step's log.
const longestSequence = 16_000;
const longestJson = Math.floor((longestSequence - prefix.length - suffix.length) / 4) * 3;
// Drone's column for the template's address.
const longestSchema = 2000;

export function cardData(outputs: RunOutputs, facts: RunFacts): CardData {
  const output = (name: string): string => outputs.get(name) ?? '';
  const { color, style } = looks[output('outcome')] ?? looks.error;
  const data: CardData = {
    title: titleOf(outputs, facts),
    outcome: outcomeText(outputs),
    color,
    style,
    description: facts.reason ?? output('description'),
    repo: facts.repo ?? '',
    environment: output('environment'),
    commit: output('commit').slice(0, 12),
    ref: facts.ref ?? '',
    actor: facts.actor ?? '',
    duration: durationText(facts.durationMs),
    deployment_id: output('deployment_id'),
    run_key: output('run_key'),
    environment_url: webLink(output('environment_url')),
    deployment_url: webLink(facts.deploymentUrl ?? ''),
    log_url: webLink(output('log_url')),
  };
  return mapped(data, singleLine);
}

const good = { color: 'good', style: 'good' };
const bad = { color: 'attention', style: 'attention' };
const mixed = { color: 'warning', style: 'warning' };
const looks: Readonly<Record<string, typeof good>> & { readonly error: typeof good } = {
  success: good,
  nothing_to_do: { color: 'default', style: 'emphasis' },
  failure: bad,
  error: bad,
  timed_out: bad,
  cancelled: mixed,
  superseded: mixed,
  refused: mixed,
};

/** The browser opens it from a button: nothing but the web. */
const webLink = (url: string): string => (/^https?:\/\//.test(url) && URL.canParse(url) ? url : '');

const mapped = (data: CardData, change: (text: string) => string): CardData =>
  Object.fromEntries(Object.entries(data).map(([name, text]) => [name, change(text)])) as CardData;

/** The JSON that Drone stores, never longer than one log frame can carry; undefined when the address alone is too long. */
export function renderCard(schema: string, data: CardData): string | undefined {
  if (byteLength(schema) > longestSchema) return undefined;
  let kept = data;
  for (;;) {
    const json = JSON.stringify({ schema, data: kept });
    if (byteLength(json) <= longestJson) return json;
    kept = shortenLongest(kept);
  }
}

/** Half a text still says something, half a link leads astray. */
function shortenLongest(data: CardData): CardData {
  const [name, text] = Object.entries(data).reduce((a, b) =>
    byteLength(b[1]) > byteLength(a[1]) ? b : a,
  );
  const points = [...text];
  const half = name.endsWith('_url') ? '' : `${points.slice(0, points.length >> 1).join('')}…`;
  return { ...data, [name]: half };
}

/** One line of stdout that the runner takes out of the log; only at the start of a line and only in one piece. */
export const cardSequence = (json: string): string =>
  `${prefix}${Buffer.from(json).toString('base64')}${suffix}\n`;
