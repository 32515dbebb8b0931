import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const colour = process.env.FORCE_COLOR || (process.stdout.isTTY && !process.env.NO_COLOR);

export const paint = (code: number, text: string): string =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;
export const say = (text = ''): void => console.log(text);
export const title = (text: string): void => say(`\n${paint(1, text)}`);

/** Runs the bundle with these variables and none of this process's own but PATH, and shows its log. */
export function runStep(
  env: Readonly<Record<string, string>>,
  cwd = root,
): Promise<{ log: string; code: number | null }> {
  const bundle = path.join(root, 'dist/slipway.mjs');
  if (!existsSync(bundle)) throw new Error('dist/slipway.mjs is not there: run npm run build');
  const child = spawn(process.execPath, [bundle], {
    ...{ cwd, stdio: ['ignore', 'pipe', 'inherit'] as const },
    env: { PATH: process.env.PATH, ...(colour ? { FORCE_COLOR: '1' } : {}), ...env },
  });
  let log = '';
  let atStart = true;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
    const bar = paint(2, '  │ ');
    const marked = chunk.replace(/\n(?!$)/g, `\n${bar}`);
    process.stdout.write(atStart ? bar + marked : marked);
    atStart = chunk.endsWith('\n');
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ log, code: status })));
}

type Status = {
  readonly createdAt: string | number | Date;
  readonly state: string;
  readonly description: string;
  readonly logUrl?: string;
  readonly environmentUrl?: string;
};

/** A line a status, with its links below it. */
export function showStatuses(statuses: readonly Status[]): void {
  for (const { createdAt, state, description, logUrl, environmentUrl } of statuses) {
    const time = new Date(createdAt).toISOString().slice(11, 19);
    say(`  ${time}  ${paint(codeOf(state), state.padEnd(12))} ${description}`);
    for (const link of [logUrl, environmentUrl]) {
      if (link) say(paint(2, `${' '.repeat(25)}${link}`));
    }
  }
}

const codeOf = (state: string): number => ({ success: 32, failure: 31, error: 31 })[state] ?? 33;

/** Says which promises were kept; tells whether all were. */
export function judge(promises: Readonly<Record<string, boolean>>): boolean {
  title('What was promised');
  for (const [promise, kept] of Object.entries(promises)) {
    say(`  ${kept ? paint(32, 'yes') : paint(31, 'NO ')}  ${promise}`);
  }
  return Object.values(promises).every(Boolean);
}
