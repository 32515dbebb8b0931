/** GitHub that does not come back while dist/slipway.mjs runs, and GitHub that cannot be trusted. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canned, type Fault } from '../support/github/fake-github.ts';
import { deadUrl, serveRaw } from '../support/loopback.ts';
import { secured } from '../support/secured.ts';
import { passing } from './answers.ts';
import { type Env, forEach, isTerminal, onStage, repo, sha } from './stage.ts';

const Gone = suite('GitHub is gone');

const from = (first: number): number[] => Array.from({ length: 100 }, (_, index) => first + index);
/** In the order of a run: look, creation, look for twins, queued, in_progress, success. */
const exchanges = [1, 2, 3, 4, 5, 6];
const forever: Readonly<Record<string, Fault>> = {
  401: canned.badCredentials,
  403: canned.noPermission,
  404: canned.notFound,
  'a redirect': 'redirect-elsewhere',
  'a limit of 40 min': canned.primaryLimit(40 * 60_000),
};

Gone('for good and says so: nothing is deployed unknown, nothing is made twice', () =>
  forEach(
    Object.entries(forever).flatMap(([name, answer]) =>
      exchanges.map((first) => ({ name, answer, first })),
    ),
    6,
    ({ name, answer, first }) =>
      onStage(async (stage) => {
        stage.github.fail({ path: /./, nth: from(first), do: answer });
        const { code, log } = await stage.run({ timeout: '50s' });
        const shown = `${name} from exchange ${first} on:\n${log}`;
        // Up to the first status nothing is deployed, and a token that may not write shows there.
        const isDenied = ['401', '403'].includes(name) && first < 5;
        const isEarly = isDenied || (first < 3 && !name.startsWith('a limit'));
        assert.is(code, isEarly ? (name === 'a redirect' ? 2 : 6) : 3, shown);
        assert.is(stage.left('ran'), isEarly ? '' : 'ran\n', shown);
        assert.ok(stage.deployments().length <= 1, shown);
        const verdict = isEarly ? /error after/ : /did not hear it|may not have heard it/;
        assert.match(log, verdict, shown);
        assert.equal(stage.github.stray, []);
      }),
  ),
);

Gone('at the last word, and what is not known is said', () =>
  forEach(
    ['a reset before anything is done', 'no answer, all done', '500', '500, all done'],
    4,
    (fault) =>
      onStage(async (stage) => {
        const answer = passing[fault];
        if (!answer) throw new Error(`there is no ${fault}`);
        stage.github.fail({ path: /./, nth: from(6), do: answer });
        const { code, log } = await stage.run({ http_timeout: '2s', timeout: '30s' });
        assert.is(code, 3, log);
        assert.match(log, /may not have heard "success"/, `${fault}: ${log}`);
        const [only, ...more] = stage.deployments();
        assert.is(more.length, 0);
        const told = stage.states(only?.id ?? 0);
        assert.ok(told.filter(isTerminal).length <= 1, `${fault}: ${told}`);
      }),
  ),
);

Gone('when a creation and the looks after it were lost: one is made all the same', () =>
  onStage(async (stage) => {
    stage.github.fail({ method: 'POST', path: /\/deployments$/, nth: 1, do: 'reset-after' });
    stage.github.fail({ method: 'GET', path: /\/deployments$/, nth: 1, do: canned.htmlPage });
    const { code, log } = await stage.run();
    assert.is(code, 0, log);
    assert.is(stage.github.requests.filter(isCreation).length, 1);
    const [only] = stage.deployments();
    assert.equal(stage.states(only?.id ?? 0), ['queued', 'in_progress', 'success']);
  }),
);
const isCreation = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path === `/repos/${repo}/deployments`;

const Adopted = suite('GitHub answers badly, the deployment is adopted');

Adopted('and the last word arrives once, or its loss is told', () =>
  forEach(Object.entries(passing), 6, ([fault, answer]) =>
    onStage(async (stage) => {
      const id = stage.adoptable();
      stage.github.fail({ path: /\/statuses$/, method: 'POST', nth: 3, do: answer });
      const settings = { deployment_id: String(id), final_status: 'slipway', http_timeout: '2s' };
      const { code, log } = await stage.run({ ...settings, command: 'exit 9' });
      assert.is(code, 1, `${fault}\n${log}`);
      assert.equal(stage.states(id), ['queued', 'in_progress', 'failure'], fault);
      assert.is(stage.deployments().length, 1);
    }),
  ),
);

const Commit = suite('GitHub answers badly to a commit status');

Commit('and the last word arrives once', () =>
  forEach(Object.entries(passing), 6, ([fault, answer]) =>
    onStage(async (stage) => {
      stage.github.fail({ path: /\/statuses\//, method: 'POST', nth: 3, do: answer });
      const { code, log } = await stage.run({ create_deployment: 'false', http_timeout: '2s' });
      assert.is(code, 0, `${fault}\n${log}`);
      const told = stage.github.commitStatuses(sha).map(({ state }) => state);
      assert.equal(told, ['success', 'pending', 'pending'], fault);
    }),
  ),
);

const Trust = suite('GitHub cannot be trusted');

Trust('without its CA nothing is sent and nothing deployed; with it all is well', () =>
  onStage(async (stage) => {
    const server = await secured(stage.github.url);
    try {
      const to = { github_api_url: server.url };
      const strange = await stage.run(to);
      assert.is(strange.code, 2, strange.log);
      assert.match(strange.log, /TLS connection failed .*ca_cert/);
      assert.is(stage.left('ran'), '');
      assert.is(server.seen.length, 0);
      for (const more of [{ ca_cert: server.cert }, { skip_verify: 'true' }] as const) {
        const { code, log } = await stage.run({ ...to, ...more });
        assert.is(code, 0, log);
      }
    } finally {
      await server.close();
    }
  }),
);

Trust('when it speaks something else, or nothing listens', async () => {
  const noise = await serveRaw((socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
  const plain = noise.url.replace('http:', 'https:');
  const places: readonly (readonly [Env, number])[] = [
    [{ github_api_url: plain }, 2],
    [{ github_api_url: noise.url, timeout: '8s' }, 4],
    [{ github_api_url: await deadUrl(), timeout: '8s' }, 4],
  ];
  try {
    await forEach(places, 3, ([place, expected]) =>
      onStage(async (stage) => {
        const { code, log } = await stage.run(place);
        assert.is(code, expected, log);
        assert.is(stage.left('ran'), '');
        assert.not.match(log, /bug/);
      }),
    );
  } finally {
    await noise.close();
  }
});

Gone.run();
Adopted.run();
Commit.run();
Trust.run();
