import { type ClientOptions, createHttp } from '../../src/http/client.ts';
import type { Downloads, Exchange, Http } from '../../src/http/http.ts';
import type { Loopback } from './loopback.ts';
import { type Notes, takeNotes } from './notes.ts';

export type Call = Exchange;
/** Hunted in everything that leaves. */
export const token = 'tok-4dc1f00dbaadcafe';

type Client = {
  readonly http: Http & Downloads;
  readonly notes: Notes;
  /** How long each pause before a repeat would have been. */
  readonly pauses: number[];
  /** Closes the client and the servers that it talked to. */
  end(...servers: readonly Loopback[]): Promise<void>;
};

/** A real client whose pauses take no time. */
export function client(options: Partial<ClientOptions> = {}): Client {
  const notes = takeNotes();
  const pauses: number[] = [];
  const clock = {
    now: () => Date.now(),
    pause: async (ms: number) => void pauses.push(ms),
  };
  const plain = { proxyEnv: {}, caCert: undefined, skipVerify: false, timeoutMs: 5000 };
  const http = createHttp({ ...plain, clock, log: notes, ...options });
  return {
    http,
    notes,
    pauses,
    end: async (...servers) => {
      http.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
