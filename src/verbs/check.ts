import { exits } from '../outcome.ts';
import { contextLines, settingLines } from './describe.ts';
import { eventWarnings, skippedEvent } from './events.ts';
import { codeOfFindings, type Found, findAll, findingLines } from './findings.ts';
import { type Foresight, foresee } from './foresee.ts';
import { idleWarnings } from './idle.ts';
import { openAll } from './parts.ts';
import { planLines } from './plan.ts';
import { type Base, judge, type Prepared } from './prepare.ts';
import { unusedSecrets } from './unused.ts';
import { credentialLine, reportLine } from './wiring.ts';

/** Says what a deploy would do and whether its credentials work; changes nothing. */
export async function check(base: Base): Promise<number> {
  for (const warning of eventWarnings(base.read)) base.log.warn(warning);
  const { prepared, faults } = judge(base, 'check');
  const { log, http } = prepared;
  const say = (lines: readonly string[]): void => {
    for (const line of lines) log.info(line);
  };
  try {
    say(['settings:', ...settingLines(prepared), '', 'context:', ...contextLines(prepared), '']);
    const parts = openAll(prepared, 'check', faults);
    for (const warning of idleWarnings(prepared)) log.warn(warning);
    const { target, reporters } = parts;
    const skipped = skippedEvent(base.read);
    if (skipped) say([skipped, 'with an event that deploys:']);
    const foresight = target && (await foresee(prepared, reporters));
    const doing =
      target && foresight
        ? planLines(prepared, foresight, { ...parts, target })
        : ['nothing: state is set and nothing to deploy, so the verb is status'];
    say(['a deploy would:', ...doing.map((line) => `  ${line}`), '', 'credentials:']);
    say([`  ${credentialLine(prepared)}`, `  ${reportLine(prepared)}`]);
    const order = foresight?.order ?? prepared.order;
    const findings = [...(await findAll(prepared, parts, order)), ...unusedSecrets(prepared)];
    say(findingLines(findings).map((line) => `  ${line}`));
    return conclude(prepared, findings, foresight);
  } finally {
    http.close();
  }
}

/** 0, 2 or 6: whether what the author wrote is usable, not how things stand just now; 1 if that could not be seen. */
function conclude(
  { log }: Prepared,
  findings: readonly Found[],
  foresight: Foresight | undefined,
): number {
  const end = foresight?.end;
  const isDenied = end?.exit === exits.credentials.code;
  const found = codeOfFindings(findings);
  const code =
    end?.isFault && !isDenied
      ? exits.settings.code
      : isDenied && found !== exits.settings.code
        ? exits.credentials.code
        : found;
  const unseen = 'a service was not reached, so not everything could be verified';
  const failing = code === exits.failed.code ? unseen : failureText(findings);
  const stands = end && code !== exits.failed.code;
  const why = stands ? `a deploy would not start: ${end.why}` : failing;
  // Another code than the deploy's own, which stands in the plan: a refusal is no news about what is written.
  if (code !== exits.ok.code) log.error(`${why} (this check exits ${code})`);
  else if (foresight) log.info(stands ? why : 'a deploy would start');
  return code;
}

function failureText(findings: readonly Found[]): string {
  const failed = findings.filter(({ ok }) => ok === false);
  const deaf = new Set(failed.map(({ spared }) => spared));
  if (deaf.size === 0 || deaf.has(undefined)) return 'a deploy would fail';
  return `a deploy would start, and ${[...deaf].join(' and ')} would not hear of it`;
}
