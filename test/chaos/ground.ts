import { setTimeout as pause } from 'node:timers/promises';
import { createCaller } from '../serve/caller.ts';
import type { Server } from '../serve/server.ts';
import type { DeployService } from '../support/deploy-service.ts';

/** slipway.yml with so many deployments, each with a slot of its own, that a webhook carries out. */
export const manyDeployments = (count: number): string => `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
${Array.from({ length: count }, (_, number) => deployment(number)).join('')}`;

// What a process took over counts its time by the wall clock, and one that jumps takes some: so there is much of it.
const deployment = (number: number): string => `
  - name: hello-${number}
    repository: octo/hello
    environment: env-${number}
    target: webhook
    settings: { report: none, webhook_interval: "1", timeout: 9h }
    secrets: { webhook_url: { env: DEPLOY_URL }, webhook_token: { env: DEPLOY_TOKEN } }
`;

export type Run = Readonly<Record<string, unknown>>;

const over = ['SUCCESS', 'FAILURE', 'ERROR', 'TIMED_OUT', 'CANCELED', 'SUPERSEDED', 'REFUSED'];
export const isOver = ({ status }: Run): boolean => over.includes(String(status));

const patienceMs = 300_000;

/** All runs, once none is left to wait for. */
export async function settled({ url, log }: Server): Promise<readonly Run[]> {
  const caller = createCaller(url, log);
  const until = performance.now() + patienceMs;
  for (;;) {
    const runs = await caller.all();
    if (runs.every(isOver) || performance.now() > until) return runs;
    await pause(500);
  }
}

/** Every broken promise, in words; `description` is what a run is known by on both sides. */
export function brokenPromises(runs: readonly Run[], service: DeployService): string[] {
  const of = new Map(service.runs.map((run) => [String(run.order.description), run]));
  const twice = (names: readonly string[], where: string): string[] => [
    ...new Set(
      names
        .filter((name, at) => names.indexOf(name) !== at)
        .map((name) => `${name} twice ${where}`),
    ),
  ];
  const untrue = runs.flatMap(({ id, description, status, progress }) => {
    const there = of.get(String(description))?.status ?? 'nothing';
    const isTrue = there === status || (there === 'nothing' && status === 'CANCELED');
    return isTrue ? [] : [`run ${id} (${description}) is ${status}, ${progress}; there: ${there}`];
  });
  return [
    ...service.complaints.map((complaint) => `complaint: ${complaint}`),
    ...twice(
      service.runs.map(({ order }) => String(order.description)),
      'at the service',
    ),
    ...twice(
      runs.map(({ description }) => String(description)),
      'in the store',
    ),
    ...untrue,
  ];
}
