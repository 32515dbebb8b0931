import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type Load = {
  /** What is asked for in turn, where it is more than one. */
  readonly url: string;
  readonly paths?: readonly string[];
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
};

export type Driven = {
  readonly perSecond: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Answers of 400 and above, and connections that broke. */
  readonly failed: number;
};

/** Whether a program of Debian's is installed. */
export const isThere = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** One load by wrk, for so many seconds. */
export async function drive(load: Load): Promise<Driven> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-wrk-'));
  const script = path.join(folder, 'load.lua');
  writeFileSync(script, lua(load));
  const { connections, seconds, url } = load;
  const args = ['-t2', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
  const wrk = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  wrk.stdout.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const [status] = await once(wrk, 'close');
  rmSync(folder, { recursive: true });
  const told = /^told (.*)$/m.exec(said)?.[1];
  if (status !== 0 || told === undefined) throw new Error(`wrk ended with ${status}: ${said}`);
  const [requests = 0, micros = 0, p50 = 0, p99 = 0, failed = 0] = told.split(' ').map(Number);
  return { perSecond: requests / (micros / 1e6), p50: p50 / 1000, p99: p99 / 1000, failed };
}

const lua = ({ method, body, token, paths }: Load): string => `
wrk.method = "${method}"
wrk.headers["Authorization"] = "Bearer ${token}"
${body === undefined ? '' : `wrk.headers["Content-Type"] = "application/json"\nwrk.body = [[${body}]]`}
${paths === undefined ? '' : inTurn(paths)}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("told %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
`;

const inTurn = (paths: readonly string[]): string => `
local paths = { ${paths.map((one) => `"${one}"`).join(', ')} }
local at = 0
request = function()
  at = at + 1
  return wrk.format(nil, paths[at % #paths + 1])
end
`;
