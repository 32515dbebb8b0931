/** Nothing that is secret leaves dist/slipway.mjs, whoever repeats it. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serve } from '../support/loopback.ts';
import { hunt } from './hunt.ts';
import { type Ended, type Env, forEach, onStage, type Stage, sha } from './stage.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const strange = 'pä§s/w+rd=%7B"\\quo\'te\\n<&>!(*)~ of 42';
const inner = 'r4nd0m-inn3r-value-of-json';
const secrets = {
  token: 'ghp_W1x2Y3z4A5b6C7d8E9f0G1h2I3j4K5l6M7n8',
  pem,
  strange,
  account: JSON.stringify({ type: 'service_account', key: inner, private_key: pem }),
  basic: 'hunter2-of-the-webhook',
  query: 'q9w8e7r6t5y4u3i2o1p0',
  header: 'h3ad3r-value-that-is-secret',
  cookie: 'sid=c00k1e-value-that-is-secret; theme=dark',
  bearer: 'wh_b34r3r-token-for-the-service',
  signature: 's1gn1ng-secret-of-the-service',
  body: 'b0dy-value-that-is-secret',
  netrc: 'n3trc-password-of-the-clone',
} as const;
const { account: _, ...whole } = secrets;
/** What is hunted: the values, and what is secret inside them. */
const prey = { ...whole, inner, cookie: 'c00k1e-value-that-is-secret' };

const blabber = path.join(import.meta.dirname, 'blabber.mjs');

/** Every place that somebody may read afterwards. */
function placesOf(stage: Stage, ended: Ended): Record<string, string> {
  const { github, folder } = stage;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return {
    log: ended.log,
    // What GitHub shows, not what it was authorised by.
    GitHub: JSON.stringify(
      github.requests.map(({ path: at, body, query }) => ({ at, body, query })),
    ),
    ...Object.fromEntries(files.map((file) => [path.basename(file), readFileSync(file, 'utf8')])),
  };
}

function assertSafe(stage: Stage, ended: Ended, what: string): void {
  const [leak] = hunt(prey, placesOf(stage, ended));
  assert.is(
    leak,
    undefined,
    leak && `${what}: ${leak.secret} is in ${leak.where}: …${leak.around}…`,
  );
}

const Secrets = suite('secrets');

const everywhere = (folder: string): Env => ({
  DRONE_CARD_PATH: path.join(folder, 'card.json'),
  DRONE_OUTPUT: path.join(folder, 'drone.env'),
  HARNESS_OUTPUT_FILE: path.join(folder, 'harness.out'),
  DRONE_ENV: path.join(folder, 'exported.env'),
  DRONE_NETRC_PASSWORD: secrets.netrc,
});
/** Nobody's CI: there every destination counts. */
const nowhere = (folder: string): Env => ({
  ...Object.fromEntries(
    ['', '_SYSTEM_HOST', '_REPO', '_BUILD_EVENT', '_BUILD_NUMBER', '_COMMIT_SHA', '_DEPLOY_TO'].map(
      (name) => [`DRONE${name}`, undefined],
    ),
  ),
  ...everywhere(folder),
  GITHUB_OUTPUT: path.join(folder, 'github-output'),
  GITHUB_STEP_SUMMARY: path.join(folder, 'summary.md'),
});

const asCommand: Env = {
  command: `"$NODE" "$BLABBER"`,
  command_env: JSON.stringify({
    NODE: process.execPath,
    BLABBER: blabber,
    EXIT: '0',
    ...Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [`SECRET_${name}`, value]),
    ),
  }),
  card_schema: 'https://example.com/card.json',
  log_level: 'trace',
};

Secrets('do not leave by what the command prints and hands on', () =>
  forEach(
    [
      { system: 'drone', settings: {}, env: everywhere, exit: '0' },
      { system: 'drone', settings: { log_format: 'json' }, env: everywhere, exit: '7' },
      { system: 'none', settings: { output_file: 'out.json' }, env: nowhere, exit: '0' },
      { system: 'none', settings: { output_file: 'out.env' }, env: nowhere, exit: '7' },
      {
        system: 'spinnaker',
        settings: {},
        env: (folder: string) => ({ ...nowhere(folder), SPINNAKER_EXECUTION_ID: '01H' }),
        exit: '0',
      },
    ],
    3,
    ({ system, settings, env, exit }) =>
      onStage(
        async (stage) => {
          const known = { repo: 'octo/shop', commit: 'c'.repeat(40), environment: 'production' };
          const ended = await stage.run(
            {
              ...asCommand,
              ...(system === 'drone' ? {} : known),
              ...settings,
              command_env: asCommand.command_env?.replace('"EXIT":"0"', `"EXIT":"${exit}"`),
            },
            { env: env(stage.folder) },
          );
          assert.is(ended.code, Number(exit) && 1, ended.log);
          assert.match(ended.log, /SECRET_token/);
          assertSafe(stage, ended, `${system} ${JSON.stringify(settings)}`);
        },
        { token: secrets.token },
      ),
  ),
);

/** The service says back whatever it was told, in every form. */
function echoOf(request: IncomingMessage, body: string): string {
  const { url = '', headers } = request;
  const values = Object.values(headers).flat().join(' ');
  const pieces = `${values} ${body}`.split(/[;={}",:\s]+/).join('\n');
  const heard = [url, decodeURIComponent(url), values, body, pieces].join(' ');
  const basic = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64');
  return [heard, basic, Buffer.from(heard).toString('base64'), encodeURIComponent(heard)].join(
    ' | ',
  );
}

async function echoing(
  status: number,
  script: readonly string[],
): Promise<{
  readonly url: string;
  close(): Promise<void>;
}> {
  const states = [...script];
  const heard: string[] = [];
  const server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push(echoOf(request, body));
    const echo = heard.join(' ');
    const said = { error: echo, message: echo, progress: echo, description: echo };
    const links = {
      status_url: `${server.url}/v1/runs/7?of=${encodeURIComponent(secrets.query)}`,
      html_url: `${server.url}/runs/7?token=${encodeURIComponent(secrets.query)}`,
      environment_url: `https://shop.example.com/?token=${encodeURIComponent(secrets.query)}`,
    };
    const answer = { status: states.shift() ?? echo, outputs: { echo }, ...said, ...links };
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': 'yes' });
    response.end(JSON.stringify(answer));
  });
  return server;
}

const asWebhook = (url: string): Env => ({
  command: undefined,
  target: 'webhook',
  webhook_url: `${url.replace('//', `//deployer:${secrets.basic}@`)}/hooks?key=${secrets.query}`,
  webhook_headers: JSON.stringify({ 'X-Api-Key': secrets.header, Cookie: secrets.cookie }),
  webhook_secret: secrets.signature,
  webhook_body: `{"repo":"{{repo}}","credential":"${secrets.body}"}`,
  webhook_interval: '1s',
  card_schema: 'https://example.com/card.json',
  log_level: 'trace',
});

Secrets('do not leave by what a service repeats', () =>
  forEach(
    [
      { status: 200, script: ['QUEUED', 'IN_PROGRESS', 'SUCCESS'], code: 0, more: {} },
      { status: 200, script: ['QUEUED', 'FAILURE'], code: 1, more: {} },
      { status: 401, script: [], code: 6, more: {} },
      { status: 422, script: [], code: 1, more: { log_format: 'json' } },
      { status: 500, script: [], code: 1, more: {} },
      {
        status: 403,
        script: [],
        code: 6,
        more: { webhook_token: secrets.bearer, basic: 'none' },
      },
    ],
    3,
    ({ status, script, code, more: { basic, ...more } }) =>
      onStage(
        async (stage) => {
          const service = await echoing(status, script);
          try {
            const settings = asWebhook(service.url);
            const url = basic ? `${service.url}/hooks?key=${secrets.query}` : settings.webhook_url;
            const ended = await stage.run(
              { ...settings, webhook_url: url, ...more },
              { env: everywhere(stage.folder) },
            );
            assertSafe(stage, ended, `the service answers ${status}`);
            assert.is(ended.code, code, ended.log);
          } finally {
            await service.close();
          }
        },
        { token: secrets.token },
      ),
  ),
);

Secrets('do not leave by what GitHub repeats', () =>
  forEach(
    [401, 403, 422, 500].flatMap((status) => [1, 2, 4].map((nth) => ({ status, nth }))),
    6,
    ({ status, nth }) =>
      onStage(
        async (stage) => {
          const forms = [Buffer.from(`x:${secrets.token}`).toString('base64'), secrets.token];
          const message = `No: ${forms.join(' and ')} from authorization: Bearer ${secrets.token}`;
          stage.github.fail({
            path: /./,
            nth,
            do: { status, body: { message, errors: [{ message }] } },
          });
          const ended = await stage.run(
            { log_level: 'trace', card_schema: 'https://example.com/card.json' },
            { env: everywhere(stage.folder) },
          );
          assertSafe(stage, ended, `exchange ${nth} answers ${status}`);
        },
        { token: secrets.token },
      ),
  ),
);

Secrets('of a GitHub App do not leave, nor do its tokens', () =>
  onStage(
    async (stage) => {
      const settings = {
        ...{ github_token: undefined, github_app_id: '77', log_level: 'trace' },
        github_app_private_key: Buffer.from(pem).toString('base64'),
        command: `echo '${pem}'; echo ${Buffer.from(pem).toString('base64')}`,
      };
      const ended = await stage.run(settings, { env: everywhere(stage.folder) });
      assert.is(ended.code, 0, ended.log);
      assertSafe(stage, ended, 'App');
      const bearers = stage.github.requests.map(({ headers }) => headers.authorization ?? '');
      const minted = [...new Set(bearers)].map((each) => each.replace('Bearer ', ''));
      const tokens = Object.fromEntries(minted.map((token, index) => [`bearer ${index}`, token]));
      assert.equal(hunt(tokens, placesOf(stage, ended)), []);
    },
    { app: { id: 77, publicKeyPem, installationId: 7 } },
  ),
);

/** Settings that hold a secret and are wrong; what is said of them must not quote it. */
const wrong: Readonly<Record<string, string>> = {
  github_token: `${secrets.token}\n${secrets.bearer}`,
  github_app_private_key: `-----BEGIN RSA PRIVATE KEY-----\n${secrets.header}\n-----END RSA PRIVATE KEY-----`,
  command_env: `{"A":"${secrets.body}"`,
  webhook_url: `ftp://u:${secrets.basic}@example.com/?k=${secrets.query}`,
  webhook_headers: `X-Key ${secrets.header}`,
  webhook_token: `${secrets.bearer}\nx`,
  webhook_secret: `${secrets.signature}\u0007`,
  webhook_body: `{"a": ${secrets.body}`,
  github_api_url: `https://u:${secrets.basic}@ghe.example.com/?t=${secrets.query}`,
  environment_url: `https://u:${secrets.basic}@shop.example.com/?t=${secrets.query}`,
  payload: `{"t":"${secrets.body}"`,
  tokn: secrets.token,
  pasword: secrets.basic,
};

Secrets('do not leave by a fault of settings', () =>
  forEach(
    Object.entries(wrong).map(([name, value]) => ({
      ...(name.startsWith('webhook')
        ? { target: 'webhook', webhook_url: 'https://example.com/' }
        : {}),
      [name]: value,
    })),
    4,
    (settings) =>
      onStage(async (stage) => {
        const ended = await stage.run(
          { log_level: 'trace', github_app_id: '7', dry_run: 'true', ...settings },
          { env: everywhere(stage.folder) },
        );
        assertSafe(stage, ended, JSON.stringify(settings));
        assert.not.match(ended.log, /bug in Slipway|^\s+at /m);
      }),
  ),
);

Secrets('do not leave by dry_run, check, status or reap', () =>
  forEach(
    [
      { args: [], more: { dry_run: 'true' } },
      { args: ['check'], more: {} },
      { args: ['check'], more: { ...asWebhook('https://example.com') } },
      { args: ['status'], more: { state: 'success', description: `done with ${secrets.token}` } },
      { args: ['reap'], more: {} },
    ],
    3,
    ({ args, more }) =>
      onStage(
        async (stage) => {
          mkdirSync(path.join(stage.folder, 'out'));
          const ended = await stage.run(
            { ...asCommand, ...more },
            { args, env: everywhere(path.join(stage.folder, 'out')) },
          );
          assert.is(ended.code, 0, ended.log);
          assertSafe(stage, ended, args.join());
        },
        { token: secrets.token },
      ),
  ),
);

Secrets('leave alone what everybody sees of a deploy', () =>
  onStage(async (stage) => {
    const words = {
      NODE_ENV: 'production',
      OWNER: 'octo',
      EXPECT: 'success',
      SHA: sha,
      CI: 'drone',
    };
    const hosts = { HOST: 'drone.example.com', URL: 'shop.example.com', FLAG: 'true', PORT: '80' };
    const ended = await stage.run(
      {
        command_env: JSON.stringify({ ...words, ...hosts, PASSWORD: secrets.basic }),
        command: 'echo "$NODE_ENV $OWNER $EXPECT $CI $HOST $URL $PASSWORD"',
        environment_url: 'https://shop.example.com/',
        report: 'github-deployment',
      },
      { env: everywhere(stage.folder) },
    );
    assert.is(ended.code, 0, ended.log);
    assert.match(ended.log, 'production octo success drone drone.example.com shop.example.com ***');
    const outputs = stage.left('harness.out') + stage.left('drone.env');
    assert.match(outputs, 'ENVIRONMENT=production');
    assert.match(outputs, 'OUTCOME=success');
    assert.not.match(outputs, '***');
    const [deployment] = stage.deployments();
    const shown = JSON.stringify(stage.github.statusesOf(deployment?.id ?? 0));
    assert.match(shown, 'https://shop.example.com/');
    assert.match(shown, 'https://drone.example.com/octo/shop/7');
    assert.not.match(shown, '***');
  }),
);

/** Long enough that a cut at any of the usual lengths goes through one of them. */
const repeated = (secret: string): string => `${'x'.repeat(7)} ${secret} `.repeat(60);

Secrets('do not leave as the half that a cut has left of them', () =>
  forEach([200, 422], 2, (status) =>
    onStage(
      async (stage) => {
        const said = repeated(secrets.bearer);
        const service = await serve((_, response) => {
          const answer = { status: 'FAILURE', description: said, progress: said, message: said };
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(answer));
        });
        try {
          const settings = { webhook_url: service.url, webhook_token: secrets.bearer };
          const ended = await stage.run(
            {
              ...{ command: undefined, target: 'webhook', card_schema: 'https://example.com/c' },
              ...settings,
              payload: JSON.stringify({ nested: [{ token: secrets.bearer }] }),
            },
            { env: everywhere(stage.folder) },
          );
          assert.is(ended.code, 1, ended.log);
          // Shorter than what the hunter takes for telling: half of it is the fault that is looked for.
          const head = secrets.bearer.slice(0, 7);
          for (const [where, text] of Object.entries(placesOf(stage, ended))) {
            assert.not.match(text, head, `${where} after ${status}`);
          }
        } finally {
          await service.close();
        }
      },
      { token: secrets.token },
    ),
  ),
);

const Hunter = suite('the hunter');

Hunter('finds every form that the command prints', () => {
  const forms = [
    strange,
    Buffer.from(`u:${strange}`).toString('base64'),
    Buffer.from(`${strange}!`).toString('base64url'),
    encodeURIComponent(strange),
    JSON.stringify(strange),
    JSON.stringify(JSON.stringify({ a: strange })),
    Buffer.from(JSON.stringify({ a: strange })).toString('base64'),
  ];
  for (const form of forms)
    assert.is.not(hunt({ strange }, { form: `a ${form} b` }).length, 0, form);
  assert.equal(hunt({ strange }, { form: 'nothing *** here, nothing at all' }), []);
});

Secrets.run();
Hunter.run();
