import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fakeDiversion } from '../../test/support/diversion/fake-diversion.ts';
import { servePath } from '../serve.ts';
import type { Stage } from './scene.ts';

const token = 'a-diversion-token-that-no-log-may-show';
const script = `#!/bin/sh
set -eu
mkdir -p "$SITE_DIR"
sed -e "s/@VERSION@/$DEPLOY_SHA/g" -e "s/@ENVIRONMENT@/$DEPLOY_ENVIRONMENT/g" site/index.html > "$SITE_DIR/index.html"
echo "description=Site $DEPLOY_SHA is live" >> "$SLIPWAY_OUTPUT"
`;

/** A Diversion on loopback that has the site, in packed objects, links of two kinds and a part of a larger one. */
export const diversion: Stage = async (_sha, folder) => {
  const site = await servePath(path.join(folder, 'site'));
  const index = readFileSync(path.join(import.meta.dirname, '../site/index.html'));
  const assets = Array.from({ length: 200 }, (_, at): [string, { body: string }] => [
    `assets/level-${at}.bin`,
    { body: `level ${at} `.repeat(500) },
  ]);
  const fake = await fakeDiversion({
    ...{ token, latencyMs: 20 },
    files: {
      'deploy.sh': { kind: 'program', body: script, by: '204', ranged: true },
      'site/index.html': { body: index, packed: true },
      latest: { kind: 'link', body: 'assets/level-199.bin' },
      ...Object.fromEntries(assets),
    },
  });
  let page = '';
  return {
    settings: `command: test -f latest && ./deploy.sh
command_env:
  SITE_DIR: ${path.join(folder, 'site')}
environment_url: ${site.url}
checkout: diversion
diversion_repo: hello
diversion_api_url: ${fake.url}
diversion_auth_url: ${fake.authUrl}
diversion_token:
  from_secret: diversion_token
`,
    secrets: { diversion_token: token },
    url: site.url,
    async look() {
      page = await (await fetch(site.url)).text();
      const count = (what: string): number => fake.exchanges.filter((each) => each === what).length;
      return {
        title: `Diversion (${fake.exchanges.length} requests)`,
        lines: [
          `${count('token')} exchange of the token, ${count('tree')} page of the tree, ${count('storage')} files, at most ${fake.peak()} at once`,
        ],
      };
    },
    deployed: () => ({
      "the page of Diversion's commit is served": page.includes('dv.commit.1'),
      'six files were fetched at once, and no more': fake.peak() === 6,
      'Diversion has nothing to complain of': fake.complaints.length === 0,
    }),
    told: (last) => ({
      "the script's own words are its description": last?.description.includes('is live') === true,
    }),
    close: async () => {
      await Promise.all([site.close(), fake.close()]);
    },
  };
};
