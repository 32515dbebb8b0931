import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from '../serve/server.ts';
import type { Random } from '../support/random.ts';

type Torment = (server: Server, random: Random) => Promise<void>;

const torments: Readonly<Record<string, Torment>> = {
  async killed(server, random) {
    await server.kill('SIGKILL');
    await pause(random.int(800));
    await server.start();
  },
  /** Alive, and answers nobody. */
  async stopped(server, random) {
    server.signal('SIGSTOP');
    await pause(200 + random.int(1500));
    server.signal('SIGCONT');
  },
  /** Others have the machine. */
  async starved(server, random) {
    spawn('renice', ['-n', '19', '-p', String(server.pid())], { stdio: 'ignore' });
    const burn = 'const end=Date.now()+3e3;while(Date.now()<end);';
    const burners = [1, 2, 3].map(() => spawn(process.execPath, ['-e', burn], { stdio: 'ignore' }));
    await pause(1000 + random.int(2000));
    for (const burner of burners) burner.kill('SIGKILL');
  },
  /** As a new version comes: what runs is handed over. */
  async restarted(server, random) {
    const ended = server.kill('SIGTERM');
    await pause(random.int(1000));
    server.signal('SIGTERM');
    await ended;
    await server.start();
  },
};

/** One after the other, on each server in turn, until it is over; resolves to how often there was which. */
export async function torment(
  servers: readonly Server[],
  random: Random,
  over: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const names = Object.keys(torments);
  for (let turn = 0; !over.aborted; turn += 1) {
    await pause(500 + random.int(1500), undefined, { signal: over }).catch(() => {});
    if (over.aborted) break;
    const name = names[turn % names.length] ?? '';
    counts[name] = (counts[name] ?? 0) + 1;
    await torments[name]?.(servers[turn % servers.length] as Server, random);
  }
  return counts;
}
