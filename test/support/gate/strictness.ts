import type { IncomingMessage } from 'node:http';
import type { routes } from './routes.ts';

type Routed = (typeof routes)[number];

/** What no well-mannered client sends; undefined: nothing of that. */
export function misfit(
  request: IncomingMessage,
  { query = [], exchange }: Routed,
  here: URL,
  body: string,
): string | undefined {
  const { headers, method } = request;
  if (!/^slipway\/\d/.test(headers['user-agent'] ?? '')) return 'user-agent';
  if (headers.accept !== 'application/json') return `accept ${headers.accept}`;
  const type = headers['content-type'];
  if (method !== 'POST' && (body || type)) return `${method} with a body`;
  if (method === 'POST' && type !== 'application/json') return `content-type ${type}`;
  const known = new Set(query.map((name) => name.replace('!', '')));
  const strange = [...here.searchParams.keys()].find((name) => !known.has(name));
  if (strange) return `query ${strange} at ${here.pathname}`;
  const missing = query.find(
    (name) => name.endsWith('!') && !here.searchParams.get(name.slice(0, -1)),
  );
  if (missing) return `no ${missing} at ${here.pathname}`;
  return exchange === 'start' ? ofTrigger(body) : undefined;
}

function ofTrigger(body: string): string | undefined {
  const trigger = JSON.parse(body);
  const keys = Object.keys(trigger).sort().join();
  if (keys !== 'correlationId,parameters,payload,type') return `trigger of ${keys}`;
  if (trigger.type !== 'manual') return `trigger type ${trigger.type}`;
  if (!/^[\w-]{8,100}$/.test(trigger.correlationId)) return `id ${trigger.correlationId}`;
  const isText = Object.values(trigger.parameters).every((value) => typeof value === 'string');
  if (!isText) return 'a parameter that is no text';
  // Spinnaker would evaluate it.
  return body.includes('${') ? 'an expression in the trigger' : undefined;
}
