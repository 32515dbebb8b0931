import { isTerminal } from '../../status.ts';
import { commitsSeen } from '../commit-lists.ts';
import { type CommitReading, inContext, type Seen } from '../commit-statuses.ts';
import type { DeploymentRow } from './deployment-api.ts';
import { deploymentIn } from './deployment-link.ts';
import { stateBehind } from './states.ts';

type Posted = CommitReading['posted'];

/**
 * Of deployments that run, those that statuses of ours tell of: open ones, on whatever commit they are, and such as
 * have ended while the deployment could not be told so. One that no status names is anybody's.
 */
export async function leftRunning(
  rows: readonly DeploymentRow[],
  read: (sha: string) => Promise<CommitReading>,
): Promise<readonly Seen[]> {
  const ofNoJob = rows.filter(({ deployable }) => !deployable);
  const shas = [...new Set(ofNoJob.map(({ sha }) => sha))].slice(0, commitsSeen);
  const seen = shas.map(async (sha) => {
    const { posted } = await read(sha);
    const its = ofNoJob.filter((row) => row.sha === sha);
    return [...openOn(sha, posted), ...its.flatMap((row) => untoldOf(row, posted))];
  });
  return (await Promise.all(seen)).flat();
}

function openOn(sha: string, posted: Posted): readonly Seen[] {
  const contexts = new Set(posted.filter(({ marker }) => marker).map(({ context }) => context));
  return [...contexts]
    .map((context) => ({ sha, context, posted: inContext({ posted }, context) }))
    .filter(({ posted: [latest] }) => !isTerminal(latest?.state));
}

function untoldOf({ id, sha }: DeploymentRow, posted: Posted): readonly Seen[] {
  const naming = posted.filter(({ link }) => deploymentIn(link) === String(id));
  const [{ context = '', marker } = {}] = naming;
  const last = inContext({ posted }, context).find((each) => each.marker?.key === marker?.key);
  if (!marker || !last || !isTerminal(last.state)) return [];
  const untold = { name: `deployment ${id}`, state: stateBehind(last.state) };
  return [{ sha, context, posted: naming, untold }];
}
