import { RemoteError } from '../../errors.ts';
import { isObject } from '../../settings/rules.ts';
import type { Client } from './client.ts';
import { durationsOf, type Execution, type Pipeline, readExecution, readPipeline } from './wire.ts';

/** The requests that a deploy consists of, in Gate's words. */
export interface Service {
  readonly host: string;
  readonly root: string;
  /** Spinnaker's clock. */
  now(): number;
  /** Whom Gate knows us as; undefined: as nobody. */
  user(signal: AbortSignal): Promise<string | undefined>;
  hasApplication(signal: AbortSignal): Promise<boolean>;
  /** By its name or id; undefined: there is none. */
  pipeline(nameOrId: string, signal: AbortSignal): Promise<Pipeline | undefined>;
  pipelines(signal: AbortSignal): Promise<readonly Pipeline[]>;
  /** Starts one, and says which. */
  start(nameOrId: string, trigger: object, signal: AbortSignal): Promise<string>;
  execution(id: string, signal: AbortSignal): Promise<Execution>;
  /** The executions that were started with this correlation id, newest first. */
  startedWith(correlationId: string, signal: AbortSignal): Promise<readonly Execution[]>;
  newest(pipelineName: string, signal: AbortSignal): Promise<Execution | undefined>;
  /** How long good executions of a pipeline took lately, in ms. */
  durations(pipelineId: string, signal: AbortSignal): Promise<readonly number[]>;
  cancel(id: string, reason: string, signal: AbortSignal): Promise<void>;
}

const part = encodeURIComponent;

export function createService(client: Client, application: string): Service {
  const here = `/applications/${part(application)}`;
  const subject = (path: string): string => `GET ${client.host}${path}`;
  /** Executions whose stages Gate cannot send in one piece are read without what the stages hold. */
  const large = new Set<string>();

  async function search(query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const path = `${here}/executions/search`;
    return executionsIn(await client.get(path, signal, query), subject(path));
  }

  async function bare(id: string, signal: AbortSignal): Promise<Execution> {
    const query = { executionIds: id, expand: 'false' };
    const found = executionsIn(
      await client.get('/executions', signal, query),
      subject('/executions'),
    );
    const execution = found.find((each) => each.id === id);
    if (!execution) throw strange(subject('/executions'), `no execution ${id}`);
    return execution;
  }

  return {
    host: client.host,
    root: client.root,
    now: client.now,
    async user(signal) {
      const user = await client.get('/auth/user', signal).catch(nothing);
      return isObject(user) && typeof user.username === 'string' ? user.username : undefined;
    },
    async hasApplication(signal) {
      const found = await client.get(here, signal, { expand: 'false' }).catch(absent);
      return found !== undefined;
    },
    async pipeline(nameOrId, signal) {
      const path = `${here}/pipelineConfigs/${part(nameOrId)}`;
      const found = readPipeline(await client.get(path, signal).catch(absent));
      // By an id Gate finds a pipeline of any application.
      const isHere = (found?.application ?? application) === application;
      return isHere && [found?.name, found?.id].includes(nameOrId) ? found : undefined;
    },
    async pipelines(signal) {
      const path = `${here}/pipelineConfigs`;
      const list = await client.get(path, signal);
      if (!Array.isArray(list)) throw strange(subject(path), 'no list');
      return list.flatMap((each) => readPipeline(each) ?? []);
    },
    async start(nameOrId, trigger, signal) {
      const path = `/pipelines/${part(application)}/${part(nameOrId)}`;
      const answer = await client.post(path, trigger, signal);
      const ref = isObject(answer) && typeof answer.ref === 'string' ? answer.ref : '';
      // Gate writes whatever Orca has answered behind the path, a null too.
      const [, id] = /^\/pipelines\/(?!null$)([\w-]+)$/.exec(ref) ?? [];
      if (id !== undefined) return id;
      const message = `POST ${client.host}${path} failed: the answer names no execution`;
      throw new RemoteError(message, { kind: 'refused', unknown: true });
    },
    async execution(id, signal) {
      const path = `/pipelines/${part(id)}`;
      if (large.has(id)) return bare(id, signal);
      try {
        const execution = readExecution(await client.get(path, signal));
        if (execution?.id === id) return execution;
        if (execution) throw strange(subject(path), 'another execution');
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        large.add(id);
        return bare(id, signal);
      }
      throw strange(subject(path), 'no execution');
    },
    async startedWith(correlationId, signal) {
      const trigger = Buffer.from(JSON.stringify({ correlationId })).toString('base64');
      const found = await search({ trigger, size: '20', expand: 'false' }, signal);
      // A filter that the server did not know would be ignored, and give any execution.
      return found.filter((each) => each.correlationId === correlationId);
    },
    async newest(pipelineName, signal) {
      const query = { pipelineName, size: '1', expand: 'false' };
      const [found] = await search(query, signal);
      return found;
    },
    async durations(pipelineId, signal) {
      const query = {
        ...{ pipelineConfigIds: pipelineId, statuses: 'SUCCEEDED' },
        ...{ limit: '8', expand: 'false' },
      };
      const found = await client.get('/executions', signal, query);
      return durationsOf(executionsIn(found, subject('/executions')));
    },
    async cancel(id, reason, signal) {
      await client.put(`/pipelines/${part(id)}/cancel`, { reason, force: 'false' }, signal);
    },
  };
}

function executionsIn(json: unknown, subject: string): readonly Execution[] {
  if (!Array.isArray(json)) throw strange(subject, 'no list');
  return json.flatMap((each) => readExecution(each) ?? []);
}

/** There is none; a name with a slash or a percent sign is refused by what stands before Gate. */
function absent(error: unknown): undefined {
  const isNone = error instanceof RemoteError && error.kind === 'refused';
  if (isNone && (error.status === 404 || error.status === 400)) return;
  throw error;
}

/** Gate says who somebody is to anybody, and nothing to whoever is nobody. */
function nothing(error: unknown): undefined {
  if (error instanceof RemoteError && error.kind === 'unavailable' && error.status === 200) return;
  throw error;
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof RemoteError &&
  (error.cause as { readonly code?: string } | undefined)?.code === 'ERR_ABORTED' &&
  error.kind === 'refused';

const strange = (subject: string, what: string): RemoteError =>
  new RemoteError(`${subject} failed: the answer holds ${what}`, { kind: 'refused' });
