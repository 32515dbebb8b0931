import type { Stop } from '../../errors.ts';
import type { Checkpoint, Job, Verdict } from '../target.ts';
import type { Exit } from './child.ts';

/** `said` is what the command itself says of the deploy. */
export function verdictOf({ code, signal }: Exit, said: string | undefined): Verdict {
  if (code === 0) return { outcome: 'success', description: said ?? '' };
  const how = code === null ? killed(signal) : `exited with code ${code}${hintOf(code)}`;
  return {
    outcome: 'failure',
    description: said ? `${said} (the command ${how})` : `The command ${how}`,
  };
}

const memory = 'most likely for lack of memory';
const killed = (signal: NodeJS.Signals | null): string =>
  `was killed by ${signal}${signal === 'SIGKILL' ? `, ${memory}` : ''}`;

function hintOf(code: number): string {
  if (code === 126) return ': a program in it cannot be executed';
  if (code === 127)
    return ': a program in it was not found. Is the workspace mounted and the file in it, or does the image lack it (FROM slipway)?';
  if (code === 137) return `: a process in it was killed by SIGKILL, ${memory}`;
  return '';
}

/** A command runs at most once in a run: what a killed one did cannot be asked of anybody. */
export function verdictOfCheckpoint(checkpoint: Checkpoint): Verdict {
  if (checkpoint.step !== 'ended') {
    return { outcome: 'error', description: 'What the killed command did is not known' };
  }
  const { code = null, signal = null } = checkpoint as Partial<Exit>;
  return verdictOf({ code, signal }, undefined);
}

/** Not the error's message, which may hold the script. */
export const verdictOfStart = ({ code = 'unknown error' }: NodeJS.ErrnoException): Verdict => ({
  outcome: 'error',
  description: `The command could not be started: ${code === 'E2BIG' ? 'its variables are too large for the system' : code}`,
});

export const stoppedBefore = ({ signal }: Job): Verdict => ({
  outcome: stoppedOutcome(signal),
  description: 'The command was not started',
});

export const stopped = ({ signal }: Job): Verdict => ({
  outcome: stoppedOutcome(signal),
  description: 'The command was stopped; what it had done until then is not undone',
});

const stoppedOutcome = ({ reason }: AbortSignal): 'timed_out' | 'cancelled' =>
  (reason as Stop).kind === 'timeout' ? 'timed_out' : 'cancelled';
