import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RemoteError } from '../../../src/errors.ts';
import { createGithub, type Github } from '../../../src/forges/github/client.ts';
import type { Purpose } from '../../../src/forges/github/explain.ts';
import { canned, type Fault } from '../../support/github/fake-github.ts';
import { httpOf, onStage, rejected, repo, type Stage } from './stage.ts';

const purpose: Purpose = {
  lost: 'status not delivered',
  needs: 'deployments: write',
  scope: 'repo_deployment',
};

const asking = async (
  stage: Stage,
  work: (github: Github) => Promise<void>,
  token = stage.github.token,
): Promise<void> => {
  const { clock, log, github } = stage;
  const http = httpOf(clock, log, 500);
  const auth = { kind: 'token', setting: 'PLUGIN_GITHUB_TOKEN', token } as const;
  await work(createGithub({ http, clock, log, repo, apiUrl: github.url, auth }));
  http.close();
};

const read = (github: Github, { signal }: Stage, until?: number) =>
  github.rest({ method: 'GET', path: '/deployments', purpose, signal, until });

const failing = suite('createGithub: failures');

const refusals: readonly [string, Fault, RemoteError['kind'], RegExp][] = [
  [
    'names the setting of a refused token',
    canned.badCredentials,
    'credentials',
    /401: Bad credentials; PLUGIN_GITHUB_TOKEN is wrong, expired or revoked/,
  ],
  [
    'names the permission and the scope that are missing, and whose tokens only read',
    canned.noPermission,
    'permission',
    /the token may not write deployments: .* `deployments: write` \(fine-grained or App\), or the scope `repo_deployment`; .*fork or by Dependabot/i,
  ],
  [
    'says that the repository is not visible',
    canned.notFound,
    'permission',
    /; acme\/shop is not visible to PLUGIN_GITHUB_TOKEN/,
  ],
  [
    'names single sign-on',
    {
      status: 403,
      headers: { 'x-github-sso': 'required; url=https://x' },
      body: { message: 'SAML' },
    },
    'permission',
    /single sign-on/,
  ],
  [
    'names an archived repository',
    { status: 403, body: { message: 'Repository was archived so is read-only.' } },
    'permission',
    /is archived/,
  ],
  ['takes a page for no answer', canned.htmlPage, 'unavailable', /text\/html, not JSON/],
  [
    'sends no token to another host',
    'redirect-elsewhere',
    'refused',
    /redirects to http:\/\/localhost:\d+, where the credential is not sent/,
  ],
];
for (const [title, fault, kind, message] of refusals) {
  failing(title, () =>
    onStage((stage) =>
      asking(stage, async (github) => {
        stage.github.fail({ do: fault });
        const error = await rejected(read(github, stage));
        assert.instance(error, RemoteError);
        assert.match(error.message, message);
        assert.is((error as RemoteError).kind, kind);
        assert.not.match(error.message, stage.github.token);
        assert.is(stage.github.requests.length, 1);
      }),
    ),
  );
}

const passing: readonly [string, Fault][] = [
  ['outlives a reset', 'reset'],
  ['outlives half a body', 'half-body'],
  ['outlives a server error', canned.serverError],
  ['outlives a gateway that speaks HTML', canned.badGateway],
  ['outlives a hang', 'hang'],
  ['outlives too many requests with Retry-After', canned.tooMany(3)],
  ['outlives too many requests without a word on when', canned.tooMany()],
  ['outlives a secondary limit', canned.secondaryLimit()],
];
for (const [title, fault] of passing) {
  failing(title, () =>
    onStage((stage) =>
      asking(stage, async (github) => {
        stage.github.fail({ nth: 1, do: fault });
        assert.equal((await read(github, stage)).body, []);
        assert.is(stage.github.requests.length, 2);
      }),
    ),
  );
}
failing.run();

const limits = suite('createGithub: rate limits');

limits('waits for the reset when there is time, and says so once', () =>
  onStage((stage) =>
    asking(stage, async (github) => {
      stage.github.fail({ nth: 1, do: canned.primaryLimit(40_000) });
      await read(github, stage, stage.clock.now() + 60_000);
      assert.equal(stage.clock.pauses, [41_000]);
      const said = stage.log.lines.filter(({ level }) => level === 'info').map(({ text }) => text);
      assert.equal(said, ['GitHub limits the rate: waiting 41 s, until 10:00:41 UTC']);
    }),
  ),
);

limits('gives up at once on a wait that is longer than the caller has', () =>
  onStage((stage) =>
    asking(stage, async (github) => {
      stage.github.fail({ do: canned.primaryLimit(2_400_000) });
      const error = await rejected(read(github, stage, stage.clock.now() + 600_000));
      assert.is(error.message, 'status not delivered: rate limited until 10:40:01 UTC');
      assert.is((error as RemoteError).kind, 'unavailable');
      assert.equal(stage.clock.pauses, []);
      assert.is(stage.github.requests.length, 1);
    }),
  ),
);

limits('gives up after two minutes when the caller names no end', () =>
  onStage((stage) =>
    asking(stage, async (github) => {
      stage.github.fail({ do: canned.secondaryLimit() });
      const error = await rejected(read(github, stage));
      assert.match(error.message, 'status not delivered: rate limited until 10:03:00 UTC');
      assert.equal(stage.clock.pauses, [60_000]);
    }),
  ),
);

limits('calls a wait that the caller cut short by its name', () =>
  onStage((stage) =>
    asking({ ...stage, signal: AbortSignal.abort() }, async () => {
      const stop = new AbortController();
      const clock = { ...stage.clock, pause: async () => stop.abort() };
      const http = httpOf(clock, stage.log);
      const auth = { kind: 'token', setting: 'github_token', token: stage.github.token } as const;
      const options = { http, clock, log: stage.log, repo, apiUrl: stage.github.url, auth };
      stage.github.fail({ do: canned.secondaryLimit(30) });
      const error = await rejected(read(createGithub(options), { ...stage, signal: stop.signal }));
      assert.is(error.message, 'status not delivered: rate limited until 10:00:30 UTC');
      http.close();
    }),
  ),
);

limits('tells the time by the clock of the server', () =>
  onStage((stage) =>
    asking(stage, async (github) => {
      stage.github.clockSkewMs = 600_000;
      await read(github, stage);
      assert.is(github.now(), stage.clock.now() + 600_000);
    }),
  ),
);
limits.run();
