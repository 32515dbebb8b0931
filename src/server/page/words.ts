import type { RunStatus } from '../../store/run.ts';

/** A state in a word, a colour and a sign: nobody has to see colours. */
export const states: Readonly<
  Record<RunStatus, { readonly word: string; readonly tone: string; readonly sign: string }>
> = {
  QUEUED: { word: 'Waiting', tone: 'quiet', sign: '…' },
  IN_PROGRESS: { word: 'In progress', tone: 'live', sign: '●' },
  SUCCESS: { word: 'Succeeded', tone: 'good', sign: '✓' },
  FAILURE: { word: 'Failed', tone: 'bad', sign: '✕' },
  ERROR: { word: 'Error', tone: 'bad', sign: '!' },
  TIMED_OUT: { word: 'Timed out', tone: 'bad', sign: '⧗' },
  CANCELED: { word: 'Cancelled', tone: 'quiet', sign: '⊘' },
  SUPERSEDED: { word: 'Superseded', tone: 'quiet', sign: '»' },
  REFUSED: { word: 'Refused', tone: 'warn', sign: '–' },
};

/** `3 min ago`; the script counts on from there. */
export function ago(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return seconds < 30 * 86_400 ? `${Math.floor(seconds / 86_400)} d ago` : dayOf(ms);
}

export function lasted(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** `2026-11-28 12:03:04 UTC` */
export const instant = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
