import type { RunStatus } from '../../store/run.ts';

/** A state in a word, a colour and a drawing: nobody has to see colours, or have a font. */
export const states: Readonly<
  Record<RunStatus, { readonly word: string; readonly tone: string; readonly drawing: string }>
> = {
  QUEUED: { word: 'Waiting', tone: 'quiet', drawing: 'M3.5 8h.01M8 8h.01M12.5 8h.01' },
  IN_PROGRESS: { word: 'In progress', tone: 'live', drawing: 'M8 2.5A5.5 5.5 0 1 1 2.5 8' },
  SUCCESS: { word: 'Succeeded', tone: 'good', drawing: 'M3 8.5 6.5 12 13 4.5' },
  FAILURE: { word: 'Failed', tone: 'bad', drawing: 'M4 4l8 8M12 4l-8 8' },
  ERROR: { word: 'Error', tone: 'bad', drawing: 'M8 3v6M8 12.5h.01' },
  TIMED_OUT: {
    word: 'Timed out',
    tone: 'bad',
    drawing: 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2.2 1.3',
  },
  CANCELED: {
    word: 'Cancelled',
    tone: 'quiet',
    drawing: 'M8 2.5a5.5 5.5 0 1 0 .01 0M4.2 4.2l7.6 7.6',
  },
  SUPERSEDED: { word: 'Superseded', tone: 'quiet', drawing: 'M3.5 4 7.5 8l-4 4M8.5 4l4 4-4 4' },
  REFUSED: { word: 'Refused', tone: 'warn', drawing: 'M3.5 8h9' },
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
  if (seconds < 60) return ms < 1000 ? 'under 1 s' : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** `2026-11-28 12:03:04 UTC` */
export const instant = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
