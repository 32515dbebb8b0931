import { isObject } from '../../settings/rules.ts';
import { textAt } from './shapes.ts';

export type Diagnosis = {
  /** For the last word: why the first unhealthy process does not come up. */
  readonly reason: string | undefined;
  /** For the log, a few lines. */
  readonly lines: readonly string[];
};

const mostPods = 3;
const mostEvents = 3;
const mostLogLines = 5;

const listAt = (json: unknown, key: string): readonly unknown[] =>
  isObject(json) && Array.isArray(json[key]) ? json[key] : [];
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The rack's own diagnosis in a few lines; any part of it may be missing. */
export function readDiagnosis(json: unknown): Diagnosis {
  const overview = isObject(json) ? json.overview : undefined;
  const stalled = listAt(overview, 'services').filter(
    (service) => textAt(service, 'status') === 'stalled',
  );
  const pods = [...listAt(json, 'initPods'), ...listAt(json, 'pods')].filter((pod) =>
    ['unhealthy', 'not-ready'].includes(textAt(pod, 'classification') ?? ''),
  );
  const services = stalled.map(ofService);
  const warnings = listAt(overview, 'events')
    .filter((event) => textAt(event, 'type') === 'Warning')
    .slice(-mostEvents)
    .map(ofEvent);
  const states = pods.slice(0, mostPods).map(ofPod);
  const logs = pods.slice(0, mostPods).flatMap(lastWordsOf);
  return {
    reason: states[0] ?? services[0] ?? warnings.at(-1),
    lines: [...services, ...states, ...logs, ...warnings].filter((line) => line !== ''),
  };
}

function ofService(service: unknown): string {
  const reason = textAt(service, 'stallReason');
  return oneLine(`service ${textAt(service, 'name')} is stalled${reason ? `: ${reason}` : ''}`);
}

function ofPod(pod: unknown): string {
  const who = textAt(pod, 'service') || textAt(pod, 'name') || 'a process';
  const state = textAt(pod, 'stateDetail') || textAt(pod, 'classification');
  const hint = textAt(pod, 'hint');
  const restarts = isObject(pod) && typeof pod.restarts === 'number' ? pod.restarts : 0;
  const again = restarts > 0 ? ` (${restarts} restarts)` : '';
  return oneLine(`${who}: ${state}${again}${hint ? `; ${hint}` : ''}`);
}

function ofEvent(event: unknown): string {
  const [object, reason, message, hint] = ['object', 'reason', 'message', 'hint'].map((key) =>
    textAt(event, key),
  );
  return oneLine(
    `${[object, reason].filter(Boolean).join(' ')}: ${message ?? ''}${hint ? `; ${hint}` : ''}`,
  );
}

/** What a process said before it went; of the one before, where it was started again. */
function lastWordsOf(pod: unknown): readonly string[] {
  const text = textAt(pod, 'previousLogs') || textAt(pod, 'logs') || '';
  const who = textAt(pod, 'service') || textAt(pod, 'name') || 'a process';
  const lines = text.split('\n').map(oneLine).filter(Boolean);
  return lines.slice(-mostLogLines).map((line) => `${who} said: ${line}`);
}
