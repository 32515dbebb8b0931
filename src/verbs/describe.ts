import { yamlName } from '../settings/define.ts';
import { defaultText, valueText } from '../settings/emit/owner.ts';
import { whyIdle } from './idle.ts';
import { everySetting, owners } from './owners.ts';
import type { Prepared } from './prepare.ts';

/** Every setting that has a value and bears on this run, with its source; secrets are masked. */
export function settingLines(p: Prepared): readonly string[] {
  const { loaded } = p;
  const idle = owners.filter(({ owner }) => whyIdle(owner, p) !== undefined);
  const isOthers = (key: string): boolean =>
    loaded.origins.get(key) === 'default' && idle.some(({ table }) => key in table);
  const set = Object.entries(everySetting).filter(
    ([key]) => loaded.values[key] !== undefined && !isOthers(key) && !isIdle(key, loaded),
  );
  const rows = set.map(([key, setting]): [string, string] => {
    const shown = setting.secret ? '***' : valueText(setting.is, loaded.values[key]);
    const from = loaded.origins.get(key) ?? 'default';
    return [yamlName(key), `${shown || defaultText(setting) || 'empty'}  (${from})`];
  });
  return inColumns(rows);
}

/** `action` is asked only where no verb is given: unless somebody wrote it, it tells nothing of this process. */
const isIdle = (key: string, { origins }: Prepared['loaded']): boolean =>
  key === 'action' && origins.get(key) === 'default';

/** Those that somebody wrote, or CI gave. */
export const writtenLines = (p: Prepared): readonly string[] =>
  settingLines(p).filter((line) => !line.endsWith('(default)'));

/** What CI says of the build, as far as it bears on a deploy. */
export function contextLines({ context, order }: Prepared): readonly string[] {
  if (context.system === 'none') return ['  no CI system was found'];
  const { createdAt, deploys } = context;
  const event = `${context.event ?? 'not known'} (${deploys ? 'deploys' : 'does not deploy'} by default)`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['CI system', context.system],
    ['event', event],
    ['repository', context.repo ?? 'not known'],
    ['commit', context.commit ?? 'not known'],
    ['ref', context.ref],
    ['checked out', order.tree],
    ['environment', context.environment ?? 'not known'],
    ['task', context.task],
    ['deployment', context.deploymentId],
    ['actor', context.actor],
    ['build', context.buildUrl],
    ['this step', context.stepUrl],
    ['created', createdAt === undefined ? undefined : new Date(createdAt).toISOString()],
    ['so far', context.status],
    ['read', context.openEnvironment ? 'flags and PLUGIN_ variables only' : undefined],
    [
      'last word',
      context.postsTerminal ? 'the CI server posts a deployment status too' : undefined,
    ],
  ];
  return inColumns(
    rows.flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function inColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
