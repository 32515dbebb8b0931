import { setTimeout as pause } from 'node:timers/promises';
import { token } from './server.ts';

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

/** A program that calls the API, and asks until somebody answers, as one behind a front that waits for the server. */
export type Caller = {
  ask(
    method: string,
    at: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** The run once its status is one of these. */
  until(id: string, ...statuses: readonly string[]): Promise<Record<string, unknown>>;
  /** Every run that the store has. */
  all(): Promise<readonly Record<string, unknown>[]>;
};

export function createCaller(url: string, log: () => string): Caller {
  const caller: Caller = {
    async ask(method, at, body, headers = {}) {
      for (let tries = 0; ; tries += 1) {
        try {
          const answer = await fetch(url + at, {
            method,
            headers: { authorization: `Bearer ${token}`, ...headers },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          return { status: answer.status, body: (await answer.json()) as Answer['body'] };
        } catch (error) {
          if (tries === 300)
            throw new Error(`nobody answers at ${at}: ${error}\n${log().slice(-3000)}`);
          await pause(50);
        }
      }
    },
    async until(id, ...statuses) {
      for (let tries = 0; tries < 800; tries += 1) {
        const { body } = await caller.ask('GET', `/v1/runs/${id}`);
        if (statuses.includes(String(body.status))) return body;
        await pause(50);
      }
      throw new Error(`run ${id} never was ${statuses}: ${log().slice(-3000)}`);
    },
    async all() {
      const runs: Record<string, unknown>[] = [];
      for (let cursor = ''; ; ) {
        const { status, body } = await caller.ask('GET', `/v1/runs?limit=500${cursor}`);
        if (status !== 200) throw new Error(`the list: ${status} ${JSON.stringify(body)}`);
        runs.push(...(body.runs as Record<string, unknown>[]));
        if (body.next === null) return runs;
        cursor = `&cursor=${body.next}`;
      }
    },
  };
  return caller;
}
