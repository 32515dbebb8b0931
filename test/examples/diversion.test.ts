import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builds as drone } from '../context/recorded/drone.ts';
import { fakeDiversion } from '../support/diversion/fake-diversion.ts';
import { encodeDrone } from '../support/encoders.ts';
import { runPlugin, yamlAt } from './example.ts';

/** Played with dist/slipway.mjs, which test/run.ts builds because it is named here. */
const examples = suite('examples/ci: Diversion');

examples("Drone: a promotion deploys Diversion's tree, and nothing stays", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'example-'));
  const done = path.join(folder, 'done');
  const token = 'diversion-token-of-the-examples';
  const body = `#!/bin/sh\necho "$DEPLOY_REPO $DEPLOY_REF $DEPLOY_SHA" > "${done}"\n`;
  const fake = await fakeDiversion({
    ...{ token, name: 'my-game' },
    files: { 'deploy.sh': { kind: 'program', body } },
  });
  const written = yamlAt('diversion-drone.yml', ['steps', 0, 'settings']);
  const { code, log } = await runPlugin(folder, {
    ...drone.promoteInUi.env,
    ...encodeDrone(written, { diversion_token: token }),
    ...{ PLUGIN_DIVERSION_API_URL: fake.url, PLUGIN_DIVERSION_AUTH_URL: fake.authUrl },
    TMPDIR: folder,
  });
  assert.is(code, 0, log);
  assert.is(readFileSync(done, 'utf8'), 'my-game main dv.commit.1\n');
  assert.not.match(log, token);
  assert.equal(fake.complaints, []);
  await fake.close();
  rmSync(folder, { recursive: true });
});

examples.run();
