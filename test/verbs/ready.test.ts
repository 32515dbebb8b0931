import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/clock.ts';
import { SettingsError } from '../../src/errors.ts';
import type { Host } from '../../src/host.ts';
import { readReady, readSecretsAgain } from '../../src/verbs/ready.ts';
import { onStage } from './stage.ts';

const text = `
tokens:
  - { name: spinnaker, value: { file: token }, may: [deploy, read], deployments: ['*'] }
deployments:
  - name: hello
    repository: octo/hello
    environment: production
    target: webhook
    secrets: { webhook_url: { file: url } }
`;

const ready = suite('readReady');

ready('reads secrets again: new values count, and bad ones change nothing', () =>
  onStage(async ({ cwd }) => {
    const put = (name: string, content: string): void => writeFileSync(join(cwd, name), content);
    put('slipway.yml', text);
    put('token', 'first-0123456789abcdef\n');
    put('url', 'https://hello.example.com/deploy\n');
    const host: Host = {
      ...{
        argv: [],
        cwd,
        clock: systemClock,
        terminal: false,
        write: () => {},
        hear: () => {},
        writeError: () => {},
      },
      env: { SLIPWAY_PUBLIC_URL: 'https://d.example.com' },
      signal: new AbortController().signal,
    };
    const first = readReady(host, {});
    const [token] = first.operator.config.tokens;
    if (!token) throw new Error('no token');
    assert.equal([first.server.publicUrl, first.server.concurrency], ['https://d.example.com', 4]);
    assert.is(first.secrets.token(token), 'first-0123456789abcdef');

    put('token', 'second-0123456789abcdef\n');
    const second = readSecretsAgain(host, first);
    assert.is(second.token(token), 'second-0123456789abcdef');

    put('token', '');
    put('url', 'hunter2');
    assert.throws(
      () => readSecretsAgain(host, first),
      (error: unknown) => {
        assert.instance(error, SettingsError);
        const { message } = error as SettingsError;
        assert.match(message, 'slipway.yml: tokens[0].value is the file token, which is empty');
        assert.match(
          message,
          'slipway.yml: deployments[0].secrets.webhook_url must be an absolute',
        );
        assert.not.match(message, 'hunter2');
        return true;
      },
    );
    assert.is(second.token(token), 'second-0123456789abcdef');
  }),
);

ready.run();
