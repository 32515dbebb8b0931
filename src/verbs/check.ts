import { exits } from '../outcome.ts';
import { limited } from '../run/stop.ts';
import { yamlName } from '../settings/define.ts';
import { defaultText, valueText } from '../settings/emit/owner.ts';
import type { Finding } from '../targets/target.ts';
import { eventWarnings, skippedEvent } from './events.ts';
import { everySetting } from './owners.ts';
import { planLines } from './plan.ts';
import { type Base, childEnv, type Prepared, prepare } from './prepare.ts';
import { credentialLine, openReporters, reportLine } from './wiring.ts';

const longestMs = 60_000;

/** Says what a deploy would do and whether its credentials work; changes nothing. */
export async function check(base: Base): Promise<number> {
  for (const warning of eventWarnings(base.read)) base.log.warn(warning);
  const prepared = prepare(base, 'check');
  const { host, log, target, loaded, http } = prepared;
  const say = (lines: readonly string[]): void => {
    for (const line of lines) log.info(line);
  };
  say(['settings:', ...settingLines(prepared), '', 'context:', ...contextLines(prepared), '']);
  const deps = { http, clock: host.clock, log, cwd: host.cwd, env: childEnv(host.env) };
  const opened = target?.open(loaded, deps);
  const reporters = openReporters(prepared, 'check');
  const doing = opened
    ? planLines(prepared, opened)
    : ['no target is set, so there is nothing to deploy'];
  const skipped = skippedEvent(base.read);
  if (skipped) say([skipped, 'with an event that deploys:']);
  say(['a deploy would:', ...doing.map((line) => `  ${line}`), '', 'credentials:']);
  say([`  ${credentialLine(prepared)}`, `  ${reportLine(prepared)}`]);
  const limit = limited(host.clock, longestMs, host.signal);
  const findings: Finding[] = [];
  try {
    for (const part of [...(opened ? [opened] : []), ...reporters]) {
      findings.push(...(await part.check(limit.signal)));
    }
  } finally {
    limit.done();
    http.close();
  }
  for (const { ok, text } of findings) {
    log.info(`  ${ok === true ? 'works' : ok === false ? 'FAILS' : 'not provable'}: ${text}`);
  }
  const failed = findings.filter(({ ok }) => ok === false).length;
  return failed === 0 ? exits.ok.code : exits.credentials.code;
}

function settingLines({ loaded }: Prepared): string[] {
  const set = Object.entries(everySetting).filter(([key]) => loaded.values[key] !== undefined);
  const width = Math.max(...set.map(([key]) => yamlName(key).length));
  return set.map(([key, setting]) => {
    const shown = setting.secret ? '***' : valueText(setting.is, loaded.values[key]);
    const from = loaded.origins.get(key) ?? 'default';
    return `  ${yamlName(key).padEnd(width)}  ${shown || defaultText(setting) || "''"}  (${from})`;
  });
}

function contextLines({ context, order }: Prepared): string[] {
  const facts = Object.entries({ ...context, run_key: order.runKey })
    .filter(([, value]) => value !== undefined && !Array.isArray(value))
    .map(([name, value]): [string, string] => [yamlName(name), String(value)]);
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
