/** Headers as Node gives them: lower-case names; one that came twice is joined or a list. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Whose webhooks are understood. */
export const forges = ['github', 'gitlab', 'bitbucket', 'gitea', 'diversion'] as const;
export type Forge = (typeof forges)[number];

/** What proves deliveries of one entry of the operator's. */
export type Proof = {
  readonly kind: 'secret' | 'token' | 'signing_token';
  readonly value: string;
};

export type Verified =
  /** Places of the entries whose proof the delivery carries. */
  | { readonly ok: true; readonly entries: readonly number[] }
  /** Why it is not believed, for the operator's log; the answer tells strangers nothing of it. */
  | { readonly ok: false; readonly why: string };

/** One thing that happened at a forge. It only names: the order is built from the forge's own answer. */
export type HookEvent = {
  readonly forge: Forge;
  readonly kind: 'deployment' | 'push' | 'tag';
  /** `owner/name`, as the forge writes it; Diversion's id of it. */
  readonly repository: string;
  /** By which it goes too, at Diversion. */
  readonly repositoryName?: string;
  /** Branch or tag, short. */
  readonly ref: string | undefined;
  /** 40 or 64 hex in lower case, at Diversion `dv.commit.…`. Of an annotated tag some forges name the tag, not its commit. */
  readonly sha: string | undefined;
  /** Of a deployment alone. */
  readonly deploymentId: string | undefined;
  readonly environment: string | undefined;
  readonly actor: string | undefined;
  /** The same for every delivery of the same event, whatever its id: no signature covers that. */
  readonly identity: string;
};

export type Reading =
  | { readonly kind: 'events'; readonly events: readonly HookEvent[] }
  | { readonly kind: 'ping' }
  /** Answered 200: the forge did nothing wrong. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** No delivery of this forge's, or its settings there are wrong: the message says which. */
  | { readonly kind: 'refused'; readonly status: 400 | 415; readonly why: string };

export type Hook = {
  readonly forge: Forge;
  /** Pure and in constant time; `now` in ms since the epoch. */
  verify(entries: readonly Proof[], body: Uint8Array, headers: Headers, now: number): Verified;
  read(body: Uint8Array, headers: Headers): Reading;
  /** The same when a delivery is sent again; undefined where the forge names none. */
  deliveryId(headers: Headers): string | undefined;
};

/** One value; a header that came twice has none. */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The first of these headers that could be an id: what names anything else is nobody's to keep. */
export function idIn(headers: Headers, ...names: readonly string[]): string | undefined {
  const values = names.map((name) => header(headers, name));
  return values.find((value) => value !== undefined && /^[\w{}.:-]{1,128}$/.test(value));
}

/** An event that nothing here waits for; a name that no forge would give is not repeated. */
export function startsNothing(event: string | undefined, what: string): Reading {
  const name = event && /^[\w:. -]{1,64}$/.test(event) ? event : 'no event';
  return { kind: 'ignored', why: `is ${name}, which starts nothing: ${what}` };
}
