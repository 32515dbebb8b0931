import { attack } from '../hooks/attack.ts';
import { bodies, deliveries } from '../hooks/deliveries.ts';
import { createCaller } from '../serve/caller.ts';
import { openServer, type Server, token } from '../serve/server.ts';
import { type Besieged, besiege } from '../server/strangers/siege.ts';
import { seeded } from '../support/random.ts';
import { inFolder } from './folder.ts';

const hookSecret = 'hunter2-of-the-hooks';
const sealed = deliveries(hookSecret).at(3)?.proof.value ?? '';
const env = {
  ...{ HOOK: hookSecret, SEALED: sealed },
  ...{ HUB: 'hunter2-of-github', READER: 'hunter2-of-a-reader', POSTER: 'hunter2-of-a-poster' },
};
const commit = 'a'.repeat(40);

/** A site of each forge that is nobody's: what is believed starts a run that finds nobody there. */
const nowhere = 'http://127.0.0.1:9';
const entry = (forge: string, proof: string, repositories: string): string =>
  `  - { forge: ${forge}, forge_url: "${nowhere}", ${proof}, repositories: ["${repositories}/*"] }`;
const deployment = (forge: string, repository: string, environment: string): string => `
  - name: ${forge}-${environment}
    forge: ${forge}
    forge_url: "${nowhere}"
    repository: ${repository}
    environment: ${environment}
    on: { api: true, deployment: ${forge === 'github'}, push: [main], tag: ["v*"] }
    busy: latest
    target: command
    settings: { command: "true", report: none, timeout: 2s }
    ${forge === 'github' ? 'secrets: { github_token: { env: HUB } }' : ''}`;
const text = `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
  - { name: reader, value: { env: READER }, may: [read], deployments: ["gitlab-*"] }
  - { name: poster, value: { env: POSTER }, may: [status], deployments: ["github-*"] }
webhooks:
${entry('github', 'secret: { env: HOOK }', 'octo')}
${entry('gitlab', 'token: { env: HOOK }', 'group')}
${entry('gitlab', 'signing_token: { env: HOOK }', 'group')}
${entry('gitlab', 'signing_token: { env: SEALED }', 'group')}
${entry('bitbucket', 'secret: { env: HOOK }', 'team')}
${entry('gitea', 'secret: { env: HOOK }', 'octo')}
  - { forge: diversion, secret: { env: SEALED }, repositories: ["dv.repo.*"] }
deployments:${deployment('github', 'octo/hello', 'production')}
${deployment('github', 'octo/hello', 'staging')}
${deployment('gitlab', 'group/sub/hello', 'production')}
${deployment('bitbucket', 'team/hello', 'production')}
${deployment('gitea', 'octo/hello', 'production')}
  - name: diversion-production
    forge: diversion
    repository: ${bodies.diversion.commit.data.repository.id}
    environment: production
    on: { push: [main] }
    target: command
    settings:
      { command: "true", report: none, timeout: 2s, diversion_api_url: "${nowhere}", diversion_auth_url: "${nowhere}" }
    secrets: { diversion_token: { env: HUB } }
`;

type Broken = { readonly broken: readonly string[] };
type Played<P> = P & { readonly seconds: number };

/** One server of an operator with every kind of proof; what its log must not hold is broken too. */
const beset = <P extends Broken>(play: (server: Server) => Promise<P>): Promise<Played<P>> =>
  inFolder(async (folder) => {
    const began = performance.now();
    const server = await openServer({ folder: folder('server'), text, service: nowhere, env });
    await server.start();
    const pid = server.pid();
    try {
      const played = await play(server);
      const { status } = await createCaller(server.url, server.log).ask('GET', '/readyz');
      const broken = [
        ...played.broken,
        ...(status === 200 && server.pid() === pid ? [] : [`ready: ${status}`]),
        ...faultsIn(server.log()),
      ];
      return { ...played, broken, seconds: Math.round((performance.now() - began) / 1000) };
    } finally {
      await server.kill('SIGKILL');
    }
  });

/** Every line is an object of ours; none is of a crash, and none holds a secret or an escape. */
function faultsIn(log: string): string[] {
  const lines = log.split('\n').filter(Boolean);
  const bad = /bug in Slipway|\\n\s+at |hunter2|\\u001b|\x1b/;
  const isOdd = (line: string): boolean =>
    !line.startsWith('{"') || bad.test(line) || line.includes(token);
  return lines.filter(isOdd).map((line) => `logged: ${line.slice(0, 500)}`);
}

/** Forged deliveries, of all kinds and to all forges: none is accepted. */
export const forge = (count: number, seed: number): Promise<Played<Broken>> =>
  beset(async (server) => {
    const caller = createCaller(server.url, server.log);
    const broken = await attack(
      {
        async deliver({ forge: name, body, headers }) {
          const answer = await fetch(`${server.url}/hooks/${name}`, {
            method: 'POST',
            body: Uint8Array.from(body),
            headers: headers as Record<string, string>,
          });
          const { runs = [] } = (await answer.json()) as { runs?: { id: string }[] };
          return { status: answer.status, ids: runs.map(({ id }) => id) };
        },
        runs: async () => (await caller.all()).length,
      },
      deliveries(hookSecret, Date.now()),
      count,
      seeded(seed),
    );
    return { broken };
  });

/** Generated bodies and headers on every route, and bytes that are nearly HTTP. */
export const besieged = (
  requests: number,
  connections: number,
  seed: number,
): Promise<Played<Besieged>> =>
  beset(async (server) => {
    const caller = createCaller(server.url, server.log);
    const order = { deployment: 'gitlab-production', commit };
    const { body } = await caller.ask('POST', '/v1/runs', order);
    const known = {
      ...{ hookSecret, runs: [String(body.id)], tokens: [token, token, env.READER, env.POSTER] },
      orders: [
        order,
        { ...order, payload: { a: 1 }, task: 'deploy', description: 'x', ref: 'main' },
        { owner: 'octo', repo: 'hello', environment: 'staging', commit, deployment_id: 42 },
        { ...order, spinnaker: { application: 'shop', pipeline: 'Deploy', execution_id: '01J' } },
        { owner: 'octo', repo: 'other', deployment_id: 1, state: 'success', description: 'x' },
        { key: 'k1', reason: 'x' },
      ],
    };
    const port = Number(new URL(server.url).port);
    return besiege({ port, known, requests, connections, random: seeded(seed) });
  });
