import { type Marker, payloadMarks, readPayload } from '../../identity.ts';
import { isObject, jsonOf } from '../../settings/rules.ts';
import type { State, Subject } from '../../status.ts';

/** What a message carries unseen, for later processes: whose it is, and how it stands. */
export type Mark = { readonly marker: Marker; readonly state: State; readonly of: Subject };
export type Metadata = {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
};

const type = 'slipway_run';

export const metadataOf = ({ marker, state, of }: Mark): Metadata => ({
  event_type: type,
  event_payload: {
    ...payloadMarks(marker),
    slipway_state: state,
    slipway_subject: JSON.stringify(of),
  },
});

/** Any app may write any metadata. */
export function readMark(metadata: unknown): Mark | undefined {
  if (!isObject(metadata) || metadata.event_type !== type) return undefined;
  const payload = isObject(metadata.event_payload) ? metadata.event_payload : {};
  const marker = readPayload(payload);
  const { slipway_state: state, slipway_subject: said } = payload;
  const of = typeof said === 'string' ? jsonOf(said) : undefined;
  if (!marker || !isState(state) || !isObject(of)) return undefined;
  const texts = Object.entries(of).filter(([, text]) => typeof text === 'string');
  return { marker, state, of: { task: 'deploy', ...Object.fromEntries(texts) } };
}

const states: readonly State[] = [
  ...(['queued', 'in_progress', 'pending', 'success', 'failure', 'error'] as const),
  ...(['timed_out', 'cancelled', 'superseded', 'inactive'] as const),
];
const isState = (value: unknown): value is State => states.some((state) => state === value);
