import type { Deployment, ForgeState, Memory } from '../../forges/forge.ts';
import { componentDigest } from '../../identity.ts';
import { isTerminal } from '../../status.ts';
import { type Slack, SlackError } from './api.ts';
import { isChannelId, type Kept, readRuns } from './history.ts';
import { metadataOf } from './mark.ts';
import { messageOf } from './message.ts';
import type { Patience } from './wire.ts';
import { write } from './write.ts';

export type MemoryOptions = {
  readonly slack: Slack;
  note(text: string): void;
  readonly channel: string;
  readonly repo: string | undefined;
};

/** Messages that killed runs left, as far as the token may read the channel. */
export function createMemory({ slack, note, channel, repo }: MemoryOptions): Memory {
  async function read(patience: Patience): Promise<readonly Kept[]> {
    if (!isChannelId(channel)) {
      note('slack: killed runs are found only where slack_channel is the id of the channel');
      return [];
    }
    try {
      return await readRuns(slack, channel, patience);
    } catch (error) {
      if (!(error instanceof SlackError) || error.kind !== 'permission') throw error;
      note(`slack: killed runs are not looked for: ${error.message}`);
      return [];
    }
  }

  return {
    ahead: () => slack.ahead(),
    async survey({ environment, component }, signal, until) {
      const kept = await read({ signal, until });
      return kept
        .filter(({ of, marker, state }) => {
          const isThere = environment === undefined || of.environment === environment;
          const isIts = component === undefined || marker.component === componentDigest(component);
          return !isTerminal(state) && of.repo === repo && isThere && isIts;
        })
        .map(deploymentOf);
    },
    async close({ id }, { state, description }, signal, until) {
      const patience = { signal, until };
      const now = (await read(patience)).find(({ ts }) => ts === id);
      if (!now || isTerminal(now.state)) return;
      const { marker, of } = now;
      const message = messageOf({ state, description, of }, false);
      const metadata = metadataOf({ marker, state, of });
      await write(slack, 'chat.update', { channel, ts: id, metadata, ...message }, patience);
    },
  };
}

function deploymentOf({ ts, marker, state, of }: Kept): Deployment {
  const at = Number(ts) * 1000;
  return {
    id: ts,
    name: `the message of ${new Date(at).toISOString()}`,
    repo: of.repo ?? '',
    environment: of.environment ?? '',
    sha: of.commit ?? '',
    task: of.task,
    description: '',
    payload: {},
    createdAt: at,
    statuses: [{ state: state as ForgeState, at, link: of.logUrl, description: '', marker }],
    owner: marker,
    url: undefined,
  };
}
