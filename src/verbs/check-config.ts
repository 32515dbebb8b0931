import { summaryOf } from '../deployments/summary.ts';
import type { Host } from '../host.ts';
import { exits } from '../outcome.ts';
import type { Flags } from './read.ts';
import { readReady } from './ready.ts';

/** `serve --check-config`: reads everything that the server would, names every fault, starts nothing. */
export async function checkConfig(host: Host, flags: Flags): Promise<number> {
  const { operator, warnings } = readReady(host, flags);
  const { file, config } = operator;
  const lines = [...warnings.map((text) => `warning: ${text}`), ...summaryOf(file, config)];
  await host.write(`${lines.join('\n')}\n`);
  return exits.ok.code;
}
