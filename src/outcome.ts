import type { RemoteKind } from './errors.ts';

/** How a run ends. `nothing_to_do` is not a deploy event, or an echo whose original succeeded. */
export const outcomes = [
  'success',
  'nothing_to_do',
  'failure',
  'error',
  'timed_out',
  'cancelled',
  'superseded',
  'refused',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Exit codes of every verb. Never 78: Drone reads it as success and skips what follows. */
export const exits = {
  ok: { code: 0, means: 'success, or nothing to do' },
  failed: {
    code: 1,
    means: 'the deploy failed, its end is not known, or a service was not reached',
  },
  settings: { code: 2, means: 'settings are not usable; nothing was deployed' },
  statusLost: {
    code: 3,
    means: 'a required status did not arrive; the deploy, if there was one, succeeded',
  },
  timedOut: { code: 4, means: '`timeout` passed' },
  refused: { code: 5, means: 'a guard refused the deploy, or a newer run owns the environment' },
  credentials: { code: 6, means: 'a credential does not work; nothing was deployed' },
  bug: { code: 70, means: 'a bug in Slipway' },
  interrupted: { code: 130, means: 'cancelled (SIGINT, the API, or a person at the forge)' },
  terminated: { code: 143, means: 'cancelled by SIGTERM' },
} as const;

export const exitOf: Readonly<Record<Outcome, number>> = {
  success: exits.ok.code,
  nothing_to_do: exits.ok.code,
  failure: exits.failed.code,
  error: exits.failed.code,
  timed_out: exits.timedOut.code,
  cancelled: exits.interrupted.code,
  superseded: exits.refused.code,
  refused: exits.refused.code,
};

/** Of a remote's failure before anything was deployed: what it refuses for good is asked for by a setting. */
export const exitOfRemote: Readonly<Record<RemoteKind, number>> = {
  credentials: exits.credentials.code,
  permission: exits.credentials.code,
  refused: exits.settings.code,
  unavailable: exits.failed.code,
};
