import { RemoteError } from '../../errors.ts';
import type { Answer } from '../../http/http.ts';
import { isObject, jsonOf as jsonIn } from '../../settings/rules.ts';
import { meaningOf, type Names } from './explain.ts';
import type { Patience, Wire } from './wire.ts';

export type Reply = {
  readonly body: Readonly<Record<string, unknown>>;
  /** Scopes of the token; undefined where Slack does not say. */
  readonly scopes: readonly string[] | undefined;
};

/** Slack said no, in a word of its own. */
export class SlackError extends RemoteError {
  readonly word: string;
  constructor(
    message: string,
    word: string,
    failure: ConstructorParameters<typeof RemoteError>[1],
  ) {
    super(message, failure);
    this.word = word;
  }
}

export type Slack = {
  /** A method that writes, or that takes JSON. Rejects with a RemoteError, a SlackError where Slack said why. */
  call(method: string, body: object, patience: Patience): Promise<Reply>;
  /** A method that reads. */
  read(method: string, query: Readonly<Record<string, string>>, patience: Patience): Promise<Reply>;
  /** By how many ms its clock is ahead of ours, as its last answer told. */
  ahead(): number;
};

export type SlackOptions = {
  readonly wire: Wire;
  readonly apiUrl: string;
  readonly token: string;
  readonly names: Names;
};

/** Slack's Web API, which answers 200 whatever it thinks of a request. */
export function createSlack({ wire, apiUrl, token, names }: SlackOptions): Slack {
  const base = apiUrl.replace(/\/+$/, '');
  const place = base.replace(/^https?:\/\//, '');

  async function ask(
    method: string,
    request: { readonly query?: string; readonly body?: object },
    patience: Patience,
  ): Promise<Reply> {
    const writes = request.body !== undefined;
    const subject = `${writes ? 'POST' : 'GET'} ${place}/${method}`;
    const answer = await wire.send(
      {
        method: writes ? 'POST' : 'GET',
        url: `${base}/${method}${request.query ?? ''}`,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(writes ? { 'content-type': 'application/json; charset=utf-8' } : {}),
        },
        ...(writes ? { body: JSON.stringify(request.body) } : {}),
        accept: isAnswer,
      },
      patience,
    );
    const body = parsed(answer, subject, writes);
    if (body.ok !== true) throw refusal(subject, body, writes, names);
    const scopes = answer.headers['x-oauth-scopes']?.split(',').map((scope) => scope.trim());
    return { body, scopes };
  }

  return {
    ahead: wire.ahead,
    call: (method, body, patience) => ask(method, { body }, patience),
    read: (method, query, patience) =>
      ask(method, { query: `?${new URLSearchParams(query)}` }, patience),
  };
}

/** Slack answers 200 whatever it thinks; what stands before it gives its words another status. */
const isAnswer = (status: number): boolean =>
  (status > 199 && status < 300) || (status > 399 && status < 500 && ![408, 429].includes(status));

/** What Slack says. What a proxy made of an answer says nothing about whether Slack acted. */
function parsed(answer: Answer, subject: string, writes: boolean): Reply['body'] {
  const { status } = answer;
  const body = jsonIn(answer.body);
  if (isObject(body) && (body.ok === true ? status < 300 : typeof body.error === 'string')) {
    return body;
  }
  if (status > 399) {
    const kind = status === 401 ? 'credentials' : status === 403 ? 'permission' : 'refused';
    const message = `${subject} failed: the service answered ${status}, not in Slack's words; is there a proxy in between?`;
    throw new RemoteError(message, { kind, status });
  }
  const what = body === undefined ? 'is not JSON' : "is not Slack's";
  const message = `${subject} failed: the answer ${what}; is there a proxy or a login page in between?`;
  throw new RemoteError(message, { kind: 'unavailable', status, unknown: writes });
}

function refusal(subject: string, body: Reply['body'], writes: boolean, names: Names): SlackError {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  const word = text(body.error) ?? 'no word of why';
  const needed = text(body.needed);
  const provided = text(body.provided);
  const { kind, advice } = meaningOf(word, names, {
    ...(needed ? { needed } : {}),
    ...(provided ? { provided } : {}),
  });
  const meta = isObject(body.response_metadata) ? body.response_metadata.messages : undefined;
  const details = Array.isArray(meta) ? meta.flatMap((each) => text(each) ?? []) : [];
  const said = [word, ...details].join(': ').replace(/\s+/g, ' ');
  return new SlackError(`${subject} failed: ${said}${advice ? `; ${advice}` : ''}`, word, {
    kind,
    // Beyond a limit it does nothing; what breaks inside Slack may have been done.
    unknown: writes && kind === 'unavailable' && !/rate_?limited/.test(word),
  });
}
