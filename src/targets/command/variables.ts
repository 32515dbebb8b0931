import type { Order } from '../../order.ts';

type Variables = Record<string, string>;

// Linux takes 128 KiB for one variable with its name, and 2 MiB for all with the arguments.
const longestVariable = 120 * 1024;
const mostPayload = 512 * 1024;

/** What the command is told of the order. Names that are not known are empty, for scripts under `set -u`. */
export function orderVariables(order: Order, warn: (text: string) => void): Variables {
  return {
    DEPLOY_ENVIRONMENT: order.environment ?? '',
    DEPLOY_REPO: order.repo ?? '',
    DEPLOY_SHA: order.commit ?? '',
    DEPLOY_REF: order.ref ?? '',
    DEPLOY_TASK: order.task,
    DEPLOY_ID: order.deploymentId ?? '',
    DEPLOY_RUN_KEY: order.runKey,
    ...(order.runId ? { DEPLOY_RUN_ID: order.runId } : {}),
    ...payloadVariables(order.payload, warn),
  };
}

/** Whoever starts a deploy may fill the payload, so nothing in it can have another name than these. */
function payloadVariables(
  payload: Readonly<Record<string, unknown>>,
  warn: (text: string) => void,
): Variables {
  const variables: Variables = {};
  const left: { readonly twice: string[]; readonly large: string[] } = { twice: [], large: [] };
  let size = 0;
  const put = (name: string, value: unknown, origin: string): void => {
    // No variable can hold a NUL.
    const text = (typeof value === 'string' ? value : jsonText(value)).replaceAll('\0', '');
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(text);
    if (name in variables) {
      left.twice.push(origin);
    } else if (bytes > longestVariable || size + bytes > mostPayload) {
      left.large.push(origin);
    } else {
      size += bytes;
      variables[name] = text;
    }
  };
  put('DEPLOY_PAYLOAD', JSON.stringify(payload), 'the payload as a whole');
  for (const [key, value] of Object.entries(payload)) {
    const name = key.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
    if (name) put(`DEPLOY_PAYLOAD_${name}`, value, `the payload's ${JSON.stringify(key)}`);
  }
  warnOf(left.twice, 'another key has the same name of a variable', warn);
  warnOf(left.large, 'it is too large for a variable', warn);
  return variables;
}

const mostNamed = 3;
/** Once, however many there are. */
function warnOf(origins: readonly string[], why: string, warn: (text: string) => void): void {
  if (origins.length === 0) return;
  const more = origins.length - mostNamed;
  const named = origins.slice(0, mostNamed).join(', ');
  const all = more > 0 ? `${named} and ${more} more of its keys` : named;
  warn(`not passed to the command, because ${why}: ${all}`);
}

const jsonText = (value: unknown): string =>
  value === null || value === undefined ? '' : JSON.stringify(value);

/** The inherited variables, without those that would pass for facts about this order. */
export function inherited(env: Readonly<Record<string, string | undefined>>): Variables {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !entry[0].startsWith('DEPLOY_PAYLOAD') &&
      entry[0] !== 'DEPLOY_RUN_ID',
  );
  return Object.fromEntries(kept);
}

/** Why a variable of the setting `command_env` cannot be set, if it cannot. */
export function variableFault(name: string, value: string): string | undefined {
  if (!/^[^=\0]+$/.test(name)) return `has ${JSON.stringify(name)}, which is no name of a variable`;
  if (value.includes('\0')) return `has a NUL in ${name}, which no variable can hold`;
  if (Buffer.byteLength(name) + Buffer.byteLength(value) > longestVariable) {
    return `has more than ${longestVariable / 1024} KiB in ${name}: pass a file instead`;
  }
  return undefined;
}
