/** A process of its own, so that its memory is the command's and the log's alone. Reports on stderr. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/clock.ts';
import { createRedactor } from '../../src/redact.ts';
import { load } from '../../src/settings/load.ts';
import { fromEnv } from '../../src/settings/sources.ts';
import { command } from '../../src/targets/command.ts';
import { cardGuards, createLog, spinnakerGuards } from '../../src/voice.ts';
import { recordJob } from '../support/job.ts';
import { noHttp } from '../support/no-http.ts';

const log = await createLog({
  write: (bytes) => new Promise((resolve) => process.stdout.write(bytes, () => resolve())),
  level: 'info',
  format: 'text',
  colour: false,
  redactor: createRedactor(Array.from({ length: 10 }, (_, i) => `a-secret-number-${i}-of-ten`)),
  guards: [...cardGuards, ...spinnakerGuards],
  outputLimit: undefined,
  now: Date.now,
});
const script = 'yes "Uploading layer 12 of 48 to the registry: 14.2 MB in 3 s" | head -c 200000000';
const loaded = load(command.settings, [fromEnv({ PLUGIN_COMMAND: script }, 'PLUGIN_')], {
  emptyMeansMissing: false,
  readFile: () => '',
});
const target = command.open(loaded, {
  http: noHttp,
  clock: systemClock,
  log,
  cwd: process.cwd(),
  env: { PATH: process.env.PATH },
});
const began = performance.now();
const { outcome } = await target.deploy(recordJob({ output: log.output }).job);
const megabytesPerSecond = 200_000 / (performance.now() - began);
// Not resourceUsage: its maximum counts the parent's memory from before exec.
const status = readFileSync('/proc/self/status', 'utf8');
const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
process.stderr.write(JSON.stringify({ outcome, peakMiB, megabytesPerSecond }));
