import { RemoteError } from '../errors.ts';
import { type Finding, findingOf } from '../targets/target.ts';

/** What harmless reads show; the one that fails is the last, and says why. */
export async function readFindings(
  work: (found: (finding: Finding) => void) => Promise<void>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    await work((finding) => void findings.push(finding));
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    findings.push(findingOf(error));
  }
  return findings;
}
