import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, teller } from './measure.ts';

const megabyte = 1e6;
const total = 200 * megabyte;
const secret = 'hunter2-s3cret-of-the-bench';
const limits = { perSecond: 100, peakMiB: 120 };

/** 200 MB that a command writes, with a secret in every hundredth line, and nobody who reads slowly. */
export async function passOutput(bundle: string, folder: string, rounds: number): Promise<boolean> {
  const file = path.join(folder, 'output');
  const written = pieceOf(10 * megabyte);
  writeFileSync(file, written);
  const times = total / written.length;
  const command = `i=0; while [ $i -lt ${times} ]; do cat ${file}; i=$((i+1)); done`;
  // Said and not measured: the bytes are looked at, and the kernel is asked for the peak.
  const { peakMiB } = await pass(bundle, command, true);
  const speeds = [];
  for (let round = 0; round < rounds; round += 1) {
    speeds.push((await pass(bundle, command, false)).perSecond);
  }
  const perSecond = median(speeds);
  const holds = perSecond >= limits.perSecond && peakMiB <= limits.peakMiB;
  console.log('\nOutput of a deploy: 200 MB through the whole process, redacted');
  console.table([
    {
      'median MB/s': Math.round(perSecond),
      '≥': limits.perSecond,
      'peak MiB': Math.round(peakMiB),
      '≤ MiB': limits.peakMiB,
      holds: holds ? 'yes' : 'NO',
    },
  ]);
  return holds;
}

/** Lines as a build writes them. */
function pieceOf(bytes: number): Buffer {
  const lines = Array.from({ length: 100 }, (_, at) =>
    at === 50
      ? `login with ${secret} at registry.example.com\n`
      : `#${at} [${at}/100] COPY --from=build /srv/app/node_modules/package-${at * 7919} /app 0.${at}s\n`,
  );
  return Buffer.alloc(bytes, lines.join(''));
}

async function pass(
  bundle: string,
  command: string,
  isExamined: boolean,
): Promise<{ readonly perSecond: number; readonly peakMiB: number }> {
  const start = performance.now();
  const run = spawn(process.execPath, [...(isExamined ? ['--import', teller] : []), bundle], {
    env: {
      PATH: process.env.PATH,
      ...{ PLUGIN_COMMAND: command, PLUGIN_ENVIRONMENT: 'bench', PLUGIN_REPO: 'octo/hello' },
      ...{ PLUGIN_COMMIT: 'a'.repeat(40), PLUGIN_REPORT: 'none', PLUGIN_GITHUB_TOKEN: secret },
    },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [, stdout, , told] = run.stdio;
  if (!stdout || !told) throw new Error('spawn made no pipes');
  let passed = 0;
  let shown = 0;
  let before = '';
  stdout.on('data', (chunk: Buffer) => {
    passed += chunk.length;
    if (!isExamined) return;
    const text = before + chunk.toString('latin1');
    if (text.includes(secret)) throw new Error('the secret passed');
    shown += text.split('login with').length - 1 - (before.split('login with').length - 1);
    before = text.slice(-secret.length);
  });
  let peak = '';
  (told as typeof stdout).on('data', (chunk: Buffer) => {
    peak += chunk;
  });
  const [status] = await once(run, 'close');
  const perSecond = total / megabyte / ((performance.now() - start) / 1000);
  if (status !== 0) throw new Error(`a deploy that writes much exited with ${status}`);
  const least = total * 0.99;
  if (passed < least || (isExamined && shown < 1000)) {
    throw new Error(`of 200 MB only ${passed} bytes passed, with ${shown} secrets hidden`);
  }
  return { perSecond, peakMiB: Number(peak) / 1024 };
}
