import type { Fault } from '../../errors.ts';
import type { Table, Values } from '../../settings/define.ts';
import {
  bool,
  credential,
  duration,
  list,
  map,
  oneOf,
  type Rule,
  secretUrl,
  text,
  verbatim,
} from '../../settings/rules.ts';
import { jsonPath, pathOrLocation } from './json-path.ts';
import { templateFault } from './template.ts';

// Redirects are the client's business: within the host they are followed, elsewhere refused.
const status = /^(?:[245]xx|[245]\d\d(?:-[245]\d\d)?)$/i;
const statuses: Rule<readonly string[]> = {
  ...list,
  must: 'must be a list of statuses such as 2xx, 200 or 200-204',
  json: {
    type: 'array',
    items: { type: 'string', pattern: status.source.replace('xx', '[xX]{2}') },
  },
  read: (raw) => {
    const items = list.read(raw);
    return items && items.length > 0 && items.every((item) => status.test(item))
      ? items
      : undefined;
  },
};

export const webhookSettings = {
  webhookUrl: {
    is: secretUrl,
    about:
      'Where the deploy is asked for, with an `Idempotency-Key` that stays the same however often one attempt has to ask; a deliberate retry has another.',
    required: true,
    secret: true,
  },
  webhookMethod: {
    is: oneOf('POST', 'PUT', 'PATCH'),
    about: 'How it is asked for.',
    default: 'POST',
  },
  webhookHeaders: { is: map, about: 'Headers to send along.', secret: true },
  webhookToken: { is: credential, about: 'Sent as `Authorization: Bearer`.', secret: true },
  webhookSecret: {
    is: text,
    about: 'Signs the raw body: `X-Hub-Signature-256: sha256=…`.',
    secret: true,
  },
  webhookBody: {
    is: { ...verbatim, kind: 'text@' },
    about:
      'JSON with placeholders such as `{{repo}}` and `{{commit}}`, or `@path`; never sent twice, unless it surely did not arrive.',
    otherwise: 'the order, as `POST /v1/runs` takes it',
    secret: true,
    file: true,
  },
  webhookAccept: {
    is: statuses,
    about: 'Statuses that mean accepted: classes, numbers and ranges.',
    default: ['2xx'],
  },
  webhookWait: {
    is: bool,
    about: 'Follow the deploy to its end; `false` ends with "accepted, not followed".',
    otherwise: 'true, if the answer carries a status URL',
  },
  webhookStatusUrl: {
    is: pathOrLocation,
    about: 'Where the answer says how to follow: a JSON path, or `location` for the header.',
    default: '$.status_url',
  },
  webhookState: { is: jsonPath, about: 'Where an answer says the state.', default: '$.status' },
  webhookProgress: {
    is: jsonPath,
    about: 'Where an answer says how far the deploy is.',
    default: '$.progress',
  },
  webhookSuccess: { is: list, about: 'States that mean success.', default: ['SUCCESS'] },
  webhookFailure: {
    is: list,
    about: 'States that mean failure.',
    default: ['FAILURE', 'ERROR', 'TIMED_OUT', 'REFUSED'],
  },
  webhookCancelled: {
    is: list,
    about: 'States that mean cancelled.',
    default: ['CANCELED', 'CANCELLED', 'SUPERSEDED'],
  },
  webhookInterval: { is: duration, about: 'Pause between two looks.', default: 5000 },
  webhookCancelUrl: {
    is: jsonPath,
    about: 'Where the answer says how to cancel.',
    default: '$.cancel_url',
  },
} as const satisfies Table;
export type WebhookValues = Values<typeof webhookSettings>;

/** Headers that this target or HTTP itself owns. */
const taken = /^(?:host|content-length|connection|transfer-encoding|idempotency-key|user-agent)$/i;
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Faults that no single setting shows, and those of secrets, of which nothing is quoted. */
export function faultsOf(
  values: WebhookValues,
  nameOf: (key: keyof WebhookValues) => string,
): readonly Fault[] {
  const faults: Fault[] = [];
  const fault = (key: keyof WebhookValues, message: string): void =>
    void faults.push({ name: nameOf(key), message });
  const headers = values.webhookHeaders ?? {};
  const names = Object.keys(headers);
  const named = (name: string): boolean => names.some((each) => each.toLowerCase() === name);
  for (const name of names) {
    if (!headerName.test(name)) fault('webhookHeaders', 'holds a name that no header can have');
    else if (taken.test(name)) fault('webhookHeaders', `cannot set ${name}`);
    else if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(headers[name] ?? '')) {
      fault('webhookHeaders', `holds a character in ${name} that HTTP does not allow`);
    }
  }
  const type = names.find((name) => name.toLowerCase() === 'content-type');
  if (type && !/\bjson\b/i.test(headers[type] ?? '')) {
    fault('webhookHeaders', 'cannot set another content-type than JSON: the body is JSON');
  }
  const { username, password } = URL.parse(values.webhookUrl) ?? {};
  const authorities = [
    username || password ? 'a user in webhook_url' : '',
    values.webhookToken ? 'webhook_token' : '',
    named('authorization') ? 'authorization in webhook_headers' : '',
  ].filter((each) => each !== '');
  if (authorities.length > 1) {
    fault('webhookUrl', `would get its Authorization twice: by ${authorities.join(' and by ')}`);
  }
  if (values.webhookSecret && named('x-hub-signature-256')) {
    fault('webhookHeaders', 'cannot set x-hub-signature-256 beside webhook_secret');
  }
  const template = values.webhookBody === undefined ? undefined : templateFault(values.webhookBody);
  if (template) fault('webhookBody', template);
  if (values.webhookInterval < 1000) fault('webhookInterval', 'must be at least 1s');
  return faults;
}

/** Whether a status is in the list of classes, numbers and ranges. */
export function accepts(items: readonly string[], code: number): boolean {
  return items.some((item) => {
    const [from = '', to = from] = item.toLowerCase().split('-');
    return code >= Number(from.replace('xx', '00')) && code <= Number(to.replace('xx', '99'));
  });
}
