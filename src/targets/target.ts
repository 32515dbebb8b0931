import type { Clock } from '../clock.ts';
import { type Fault, messageOf, type RemoteError, SettingsError } from '../errors.ts';
import type { Http } from '../http/http.ts';
import type { Log } from '../log.ts';
import type { Order } from '../order.ts';
import { envName, type Table, type Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';

/** Plain JSON without secrets, from which a run can go on after a crash. */
export type Checkpoint = { readonly [key: string]: Json };
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [k: string]: Json };

/** One deploy as a target sees it. */
export type Job = {
  readonly order: Order;
  /** Aborts when the run must end; `signal.reason` is a Stop. The target then stops what it can and returns. */
  readonly signal: AbortSignal;
  /** When the run's `timeout` is over; ms since the epoch. */
  readonly deadline: number;
  /** Folder of the source tree; undefined with `checkout: none`, and for a target that deploys no tree. */
  readonly tree: string | undefined;
  /** Where an earlier process of this very run stopped: go on from here. */
  readonly checkpoint: Checkpoint | undefined;
  /** An earlier process with our run key died: ask the service what was done before doing it again. */
  readonly predecessor: boolean;
  /** When that one began to deploy, where a forge remembers it; ms since the epoch. */
  readonly predecessorSince?: number;
  /**
   * Which attempt of the run key this is: the same in every process that goes on with it, another one when the
   * key deploys anew after an end. On the server the run's id; else the opened deployment's id and the time of
   * its last end before; without a forge the process's start. For idempotency keys: `[\w.-]{1,80}`.
   */
  readonly attempt: string;
  /** Neither a forge nor a server remembers this key, so an earlier process with it would not be known. */
  readonly unremembered?: true;
  /** Output of the deploy itself, in any pieces and any encoding. Resolves when more may come, in the same buffer too. */
  output(bytes: Uint8Array): Promise<void>;
  /** One line on how far the deploy is. */
  progress(text: string): void;
  /** Where the new version serves. */
  serves(url: string): void;
  /** An output for later steps: snake_case name, one value. */
  result(name: string, value: string): void;
  /**
   * Before each step that changes the world: resolves when the checkpoint is durable, rejects when the run was
   * stopped meanwhile or somebody ended the deployment at the forge. Then the step must not be taken.
   */
  before(state: Checkpoint): Promise<void>;
  /** After such a step, whatever happened meanwhile: resolves when the checkpoint is durable. */
  after(state: Checkpoint): Promise<void>;
};

/** What the service says at the end. */
export type Verdict = {
  readonly outcome: 'success' | 'failure' | 'error' | 'cancelled' | 'timed_out';
  /** One line for people: the reason, or what was done. */
  readonly description: string;
  /** The deploy could not be stopped and goes on there. */
  readonly goesOn?: string;
  /** What of it goes on there, where that is not the whole deploy. */
  readonly part?: string;
};

export type Finding = {
  /** `not provable`: no read can show it. `not reached`: the service did not answer the read that would. */
  readonly ok: boolean | 'not provable' | 'not reached';
  readonly text: string;
  /** About a setting, not a credential. */
  readonly ofSetting?: true;
};

/** What a read that failed shows: what may pass says nothing of a credential. */
export const findingOf = ({ kind, message }: RemoteError): Finding => ({
  ok: kind === 'unavailable' ? 'not reached' : false,
  text: message,
});

/** What the run needs of a service that deploys; nothing here says how. */
export interface Target {
  readonly id: string;
  /** What a deploy of this order would do, one line each, for `check` and `dry_run`. */
  plan(order: Order): readonly string[];
  /** One harmless read for each credential, and for what a setting names and a deploy would miss. */
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  /**
   * Deploys and says how it ended. Rejects only where even the outcome is not known, or with a RemoteError of kind
   * `credentials` or `permission` where these kept it from starting anything.
   */
  deploy(job: Job): Promise<Verdict>;
}

/** What a target may use of the process it lives in. */
export type TargetDeps = {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** The source tree is fetched when the deploy starts: until then nothing shows what is in it. */
  readonly fetchesTree?: boolean;
  /** Variables that a child process inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Which credential goes to which host: said in every run. */
export type CredentialUse = { readonly setting: string; readonly host: string };

export type TargetEntry = {
  readonly id: string;
  /** One sentence for the docs. */
  readonly about: string;
  /** It deploys what is checked out, so an adopted deployment must be of that commit. */
  readonly deploysTree?: true;
  /** The deploy is a process of ours: nobody can go on with it when we are gone. */
  readonly runsHere?: true;
  readonly settings: Table;
  credentials(loaded: Loaded): readonly CredentialUse[];
  /** What no single setting shows; to be asked while a required one is missing too, so that all are told at once. */
  faults(loaded: Loaded, deps: TargetDeps): readonly Fault[];
  /** Throws a SettingsError with these faults. */
  open(loaded: Loaded, deps: TargetDeps): Target;
};

type NameIn<S extends Table> = (key: keyof S & string) => string;

export function defineTarget<const S extends Table>(definition: {
  readonly id: string;
  readonly about: string;
  readonly deploysTree?: true;
  readonly runsHere?: true;
  readonly settings: S;
  credentials(values: Values<S>): readonly CredentialUse[];
  /**
   * What no single setting shows. A required one may be missing, against its type. `nameOf` gives the name under which
   * the author wrote a setting.
   */
  faults(values: Values<S>, nameOf: NameIn<S>, deps: TargetDeps): readonly Fault[];
  /** Of values without faults. */
  open(values: Values<S>, deps: TargetDeps, nameOf: NameIn<S>): Target;
}): TargetEntry {
  const typed = (loaded: Loaded): Values<S> => loaded.values as Values<S>;
  const nameIn =
    ({ origins }: Loaded) =>
    (key: string): string => {
      const origin = origins.get(key) ?? 'default';
      return origin === 'default' ? envName(key) : origin;
    };
  const faults: TargetEntry['faults'] = (loaded, deps) =>
    definition.faults(typed(loaded), nameIn(loaded), deps);
  return {
    ...definition,
    faults,
    credentials: (loaded) => definition.credentials(typed(loaded)),
    open(loaded, deps) {
      const found = faults(loaded, deps);
      if (found.length > 0) throw new SettingsError(found);
      return definition.open(typed(loaded), deps, nameIn(loaded));
    },
  };
}

/** How a deploy that an earlier process has brought to its end was told. */
export function endedBefore(checkpoint: Checkpoint | undefined): Verdict | undefined {
  if (checkpoint?.step !== 'ended') return undefined;
  const { outcome, description } = checkpoint;
  return { outcome: outcome as Verdict['outcome'], description: String(description) };
}

/** What was done is done, also where it cannot be written down: a later process asks the service. */
export const keep = (
  { job, deps }: { readonly job: Job; readonly deps: Pick<TargetDeps, 'log'> },
  state: Checkpoint,
): Promise<void> =>
  job.after(state).catch((error: unknown) => {
    deps.log.warn(`How far the deploy is could not be stored: ${messageOf(error)}`);
  });

/** Writes down how the deploy ended. One that was stopped before anything began a later process begins anew. */
export async function keepEnd(
  d: Parameters<typeof keep>[0],
  { outcome, description, goesOn }: Verdict,
): Promise<void> {
  const isOpen = goesOn !== undefined || (d.job.signal.aborted && outcome !== 'success');
  if (!isOpen) await keep(d, { step: 'ended', outcome, description });
}

export const findingsOf = ({ faults }: SettingsError): Finding[] =>
  faults.map(({ name, message }) => ({ ok: false, text: `${name} ${message}`, ofSetting: true }));
