import type { Fault } from '../errors.ts';

/** Why a request starts nothing: 400 is a fault of the schema, 422 is understood and impossible. */
export type Refusal = {
  readonly status: 400 | 403 | 422;
  readonly error: string;
  readonly message: string;
  readonly faults: readonly Fault[];
};

/** So many are told of. */
export const mostFaults = 10;

/** Small, because Orca keeps answers twice; and nothing that Orca would evaluate as an expression. */
export function refuse(
  status: Refusal['status'],
  error: string,
  message: string,
  faults: readonly Fault[] = [],
): { readonly refusal: Refusal } {
  const shown = faults.slice(0, mostFaults).map((fault) => ({
    name: inert(fault.name.length > 100 ? `${fault.name.slice(0, 100)}…` : fault.name),
    message: inert(fault.message),
  }));
  const more = faults.length - shown.length;
  const rest = more > 0 ? [{ name: '…', message: `and ${more} more` }] : [];
  return { refusal: { status, error, message: inert(message), faults: [...shown, ...rest] } };
}

/** Orca evaluates what it stored: an expression in an answer would run there. */
export const inert = (text: string): string => text.replaceAll('${', '$ {');
