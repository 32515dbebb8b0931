import type { Socket, Source } from '../../http/http.ts';
import {
  type App,
  appIn,
  type Build,
  buildIn,
  listIn,
  type Process,
  processIn,
  type Release,
  releaseIn,
  textAt,
} from './shapes.ts';
import type { Wire } from './wire.ts';

/** A POST that waits until a builder has its place may be silent for five minutes. */
const longSilenceMs = 6 * 60_000;
const uploadSilenceMs = 2 * 60_000;

export type Form = Readonly<Record<string, string>>;

/** What a deploy asks of a rack. Variables of the app pass through here and stay in no result that is kept. */
export interface Rack {
  name(): string;
  connect(signal: AbortSignal): Promise<void>;
  version(signal: AbortSignal): Promise<string | undefined>;
  app(signal: AbortSignal): Promise<App>;
  createApp(signal: AbortSignal): Promise<void>;
  /** Resolves with what the build is to be told. */
  upload(key: string, body: Source | Uint8Array, signal: AbortSignal): Promise<string>;
  /** Whether something was uploaded under this key. */
  has(key: string, signal: AbortSignal): Promise<boolean>;
  startBuild(form: Form, signal: AbortSignal): Promise<Build>;
  build(id: string, signal: AbortSignal): Promise<Build>;
  builds(signal: AbortSignal): Promise<readonly Build[]>;
  buildLogs(id: string, signal: AbortSignal): Promise<Socket>;
  latestEnv(signal: AbortSignal): Promise<string>;
  setEnv(env: string, signal: AbortSignal): Promise<Release>;
  release(id: string, signal: AbortSignal): Promise<Release>;
  promote(release: string, form: Form, signal: AbortSignal): Promise<void>;
  cancel(signal: AbortSignal): Promise<void>;
  appLogs(signal: AbortSignal): Promise<Socket>;
  processes(release: string | undefined, signal: AbortSignal): Promise<readonly Process[]>;
  diagnose(signal: AbortSignal): Promise<unknown>;
  startProcess(service: string, headers: Form, signal: AbortSignal): Promise<Process>;
  process(id: string, signal: AbortSignal): Promise<Process>;
  exec(id: string, command: string, signal: AbortSignal): Promise<Socket>;
  endProcess(id: string, signal: AbortSignal): Promise<void>;
}

export function createRack(wire: Wire, app: string): Rack {
  const at = `/apps/${encodeURIComponent(app)}`;
  const get = (path: string, signal: AbortSignal, query?: Form): Promise<unknown> =>
    wire.json({ method: 'GET', path, signal, ...(query ? { query } : {}) });
  const object = (key: string): string => `${at}/objects/tmp/${key}.tgz`;
  const segment = encodeURIComponent;

  return {
    name: wire.name,
    connect: wire.connect,
    version: async (signal) => textAt(await get('/system', signal), 'version'),
    app: async (signal) => appIn(await get(at, signal)),
    async createApp(signal) {
      const form = { name: app, generation: '2' };
      // Whoever asks twice is told that it is there.
      await wire.done({ method: 'POST', path: '/apps', form, repeat: 'safe', signal });
    },
    async upload(key, body, signal) {
      const sent = { body, repeat: 'safe', silenceMs: uploadSilenceMs } as const;
      const json = await wire.json({ method: 'POST', path: object(key), ...sent, signal });
      return textAt(json, 'Url') ?? `object://${app}/tmp/${key}.tgz`;
    },
    async has(key, signal) {
      await wire.done({ method: 'GET', path: object(key), signal });
      return true;
    },
    async startBuild(form, signal) {
      const path = `${at}/builds`;
      const sent = { form, silenceMs: longSilenceMs };
      return buildIn(await wire.json({ method: 'POST', path, ...sent, signal }));
    },
    build: async (id, signal) => buildIn(await get(`${at}/builds/${segment(id)}`, signal)),
    builds: async (signal) => listIn(await get(`${at}/builds`, signal, { limit: '30' }), buildIn),
    buildLogs: (id, signal) => wire.socket(`${at}/builds/${segment(id)}/logs`, {}, signal),
    async latestEnv(signal) {
      const path = `${at}/releases`;
      const [latest] = listIn(await get(path, signal, { limit: '1' }), releaseIn);
      if (!latest?.id) return '';
      return textAt(await get(`${path}/${segment(latest.id)}`, signal), 'env') ?? '';
    },
    async setEnv(env, signal) {
      const path = `${at}/releases`;
      return releaseIn(await wire.json({ method: 'POST', path, form: { env }, signal }));
    },
    release: async (id, signal) => releaseIn(await get(`${at}/releases/${segment(id)}`, signal)),
    async promote(release, form, signal) {
      const path = `${at}/releases/${segment(release)}/promote`;
      const sent = { form, silenceMs: longSilenceMs };
      await wire.done({ method: 'POST', path, ...sent, signal });
    },
    async cancel(signal) {
      // Whoever asks twice is told that nothing is updating.
      const call = { method: 'POST', path: `${at}/cancel`, repeat: 'safe' } as const;
      await wire.done({ ...call, signal });
    },
    appLogs: (signal) => wire.socket(`${at}/logs`, { prefix: 'true', since: '5s' }, signal),
    processes: async (release, signal) =>
      listIn(await get(`${at}/processes`, signal, release ? { release } : undefined), processIn),
    diagnose: (signal) =>
      get(`${at}/diagnose`, signal, { lines: '20', events: 'true', previous: 'true' }),
    async startProcess(service, headers, signal) {
      const path = `${at}/services/${segment(service)}/processes`;
      const sent = { headers, silenceMs: longSilenceMs };
      return processIn(await wire.json({ method: 'POST', path, ...sent, signal }));
    },
    process: async (id, signal) => processIn(await get(`${at}/processes/${segment(id)}`, signal)),
    exec: (id, command, signal) =>
      wire.socket(
        `${at}/processes/${segment(id)}/exec`,
        { command, entrypoint: 'true', tty: 'false' },
        signal,
      ),
    async endProcess(id, signal) {
      const path = `${at}/processes/${segment(id)}`;
      await wire.done({ method: 'DELETE', path, repeat: 'safe', signal });
    },
  };
}
