import type { Random } from '../../support/random.ts';
import { wrongWith } from './judge.ts';
import { type Known, strangeRequest } from './requests.ts';
import { createSender, exchange } from './send.ts';
import { strangeBytes, wrongOnWire } from './wire.ts';

export type Siege = {
  readonly port: number;
  readonly known: Known;
  /** Whole requests, then connections of bytes that may be none. */
  readonly requests: number;
  readonly connections: number;
  readonly random: Random;
};
export type Besieged = {
  /** Answers to whole requests, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly broken: readonly string[];
};

const atOnce = 32;

/** Sends everything, and says each answer that a stranger must not get. */
export async function besiege({ port, known, random, ...counts }: Siege): Promise<Besieged> {
  const broken: string[] = [];
  const statuses: Record<string, number> = {};
  const { send, end } = createSender(port, atOnce);
  await several(counts.requests, async () => {
    const sent = strangeRequest(random, known);
    try {
      const got = await send(sent);
      statuses[got.status] = (statuses[got.status] ?? 0) + 1;
      broken.push(...wrongWith(got, sent));
    } catch (error) {
      const what = `${sent.method} ${sent.url.slice(0, 200)} ${JSON.stringify(sent.headers)}`;
      broken.push(`${error} for ${what} and ${sent.body.length} bytes`);
    }
  });
  end();
  await several(counts.connections, async () => {
    const bytes = strangeBytes(random, known);
    broken.push(...wrongOnWire(await exchange(port, bytes, random.int(3) > 0), bytes));
  });
  return { statuses, broken };
}

async function several(count: number, play: () => Promise<void>): Promise<void> {
  let begun = 0;
  const line = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await play();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, line));
}
