import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRack } from '../test/support/convox/fake-rack.ts';
import type { Manners } from '../test/support/convox/manners.ts';
import type { Case, Rollout } from './verdict-lag.ts';

/** The CLI, against a server on loopback: 5.0, 7.9 and 9.9 s late, with 15 requests in 30 s. */
const theirs = { medianMs: 7900, requests: 15 };
const goalMs = 1600;
const usualMs = 30_000;

/** What a rack of version 3 on AWS says at the end of a rollout. */
const line = '2026-03-18T14:31:19Z system/k8s/atom/app Status: Updating => Running\n';

/** Rollouts of around half a minute that end at no round time. */
const durationOf = (round: number): number => usualMs + ((round * 7919) % 6000) - 3000;

async function rollout(hasLog: boolean, round: number): Promise<Rollout> {
  const requests: number[] = [];
  const looks: number[] = [];
  let beganAt = Number.NaN;
  let doneAt = Number.NaN;
  let tell = (): void => {};
  const manners: Manners = {
    ...{ build: ['complete'], rollout: ['updating'] },
    ...(hasLog ? {} : { forbidden: ['app logs', 'processes'] }),
    tellApp: (talk) => {
      tell = () => void talk.say(line);
    },
  };
  const rack = await startRack(manners);
  rack.onExchange = (exchange) => {
    const now = Date.now();
    requests.push(now);
    if (exchange === 'app' && beganAt <= now) looks.push(now);
    if (exchange !== 'promote') return;
    beganAt = now;
    setTimeout(() => {
      doneAt = Date.now();
      rack.world.script.splice(0, 9, 'running');
      tell();
    }, durationOf(round));
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-lag-'));
  writeFileSync(path.join(folder, 'convox.yml'), 'services:\n  web:\n    build: .\n');
  return {
    env: {
      ...{ PLUGIN_TARGET: 'convox', PLUGIN_CONVOX_RACK_URL: rack.rackUrl, PLUGIN_REPORT: 'none' },
      ...{ PLUGIN_CONVOX_APP: 'app1', PLUGIN_CONVOX_DIR: folder, PLUGIN_ENVIRONMENT: 'live' },
      ...{ PLUGIN_COMMIT: 'c'.repeat(40), PLUGIN_REPO: 'octo/hello' },
    },
    seen() {
      if (rack.complaints.length > 0) throw new Error(rack.complaints.join());
      return { beganAt, doneAt, requests, looks };
    },
    async close() {
      await rack.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const convoxRollouts = (): readonly Case[] => [
  {
    ...{ name: "Convox: with the rack's log", theirs, goalMs },
    rollout: (round) => rollout(true, round),
  },
  {
    ...{ name: 'Convox: a credential that may read neither log nor processes', theirs },
    goalMs: undefined,
    rollout: (round) => rollout(false, round),
  },
];
