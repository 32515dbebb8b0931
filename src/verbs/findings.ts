import { limited } from '../ending.ts';
import type { Order } from '../order.ts';
import { exits } from '../outcome.ts';
import type { Finding } from '../targets/target.ts';
import type { Parts } from './parts.ts';
import type { Prepared } from './prepare.ts';

const longestMs = 60_000;

/** `spared`: the audience that it is about need not hear, and a deploy goes on without it; its id. */
export type Found = Finding & { readonly spared?: string };

/** What the harmless reads of these parts show. */
export async function findAll(
  p: Prepared,
  { target, checkout, reporters }: Parts,
  order: Order,
): Promise<readonly Found[]> {
  const limit = limited(p.host.clock, longestMs, p.host.signal);
  const findings: Found[] = [];
  try {
    findings.push(...((await target?.check(limit.signal)) ?? []));
    for (const reporter of reporters) {
      const found = await reporter.check(limit.signal);
      const mustHear = reporter.required && p.values.requireStatus;
      findings.push(...(mustHear ? found : found.map((one) => ({ ...one, spared: reporter.id }))));
    }
    findings.push(...((await checkout?.check(order, limit.signal)) ?? []));
  } finally {
    limit.done();
  }
  return findings;
}

export const findingLines = (findings: readonly Finding[]): readonly string[] =>
  findings.map((finding) => `${wordOf(finding)}: ${finding.text}`);

const wordOf = ({ ok }: Finding): string => {
  if (ok === 'not reached') return 'NOT REACHED';
  return ok === 'not provable' ? ok : ok ? 'works' : 'FAILS';
};

/** 2 or 6 where what the author wrote is not usable, 1 where a service did not answer what would show it, else 0. */
export function codeOfFindings(findings: readonly Finding[]): number {
  const failed = findings.filter(({ ok }) => ok === false);
  if (failed.length > 0) {
    return (failed.some(({ ofSetting }) => ofSetting) ? exits.settings : exits.credentials).code;
  }
  return (findings.some(({ ok }) => ok === 'not reached') ? exits.failed : exits.ok).code;
}
