import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { password } from '../../support/convox/fake-rack.ts';
import { exchanges, type Manners } from '../../support/convox/manners.ts';
import type { Process } from '../../support/convox/process.ts';
import { type Scene, test, texts } from './stage.ts';

const hidden = suite('convox: what must not leave');

const mine = 'env-5eca4e7f00dbaadcafe';
const code = Buffer.from(`convox:${password}`).toString('base64');
/** The rack's password in its forms, what was set, what was there before, and a registry's. */
const secrets = [password, code, mine, 'old-0ddba11c0ffee', 'reg-0ff1cec0ffee'];
const settings = {
  env: `SECRET=${mine}`,
  build_args: `TOKEN=${mine}`,
  before_promote: 'web: migrate',
};

async function assertSilent(process: Process, level = /./): Promise<void> {
  const told = await process.verdict.catch((error: Error) => `${error.message} ${error.stack}`);
  const { progress, saved, served, results } = process.recorded;
  const said = JSON.stringify([told, progress, saved, served, [...results], texts(process)]);
  for (const secret of secrets) assert.not(said.includes(secret), `${secret} is in ${said}`);
  assert.match(said, level);
}

const fates: readonly (readonly [string, Manners])[] = [
  ['a success', {}],
  ['a failed build', { build: ['running', 'failed'] }],
  ['a rollout that is undone', { rollout: ['updating', 'rollback', 'back'] }],
];
for (const [title, manners] of fates) {
  test(hidden, `not by ${title}, at any level of the log`, manners, async ({ start }) =>
    assertSilent(start(settings), /is asked/),
  );
}

const echo = `who is convox:${password} (Basic ${code})?`;
for (const exchange of exchanges.filter((each) => !['racks', 'session', 'logs'].includes(each))) {
  for (const version of ['3.24.6', '20260421192651']) {
    const title = `not when ${exchange} of a rack ${version} quotes the credential`;
    test(hidden, title, { version }, async ({ rack, start }: Scene) => {
      rack.refuse = [exchange, 400, echo];
      await assertSilent(start(settings));
    });
  }
}

for (const version of ['3.24.6', '20260421192651']) {
  const title = `nor is it said twice what a rack ${version} says, quote or not`;
  test(hidden, title, { version }, async ({ rack, start }: Scene) => {
    for (const said of [`${echo}\n indeed`, 'no, indeed']) {
      rack.refuse = ['releases', 400, said];
      const { description } = await start(settings).verdict;
      assert.is(description.match(/indeed/g)?.length, 1, description);
    }
  });
}

hidden.run();
