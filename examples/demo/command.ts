import path from 'node:path';
import { servePath } from '../serve.ts';
import type { Stage } from './scene.ts';

/** A script that deploys a small site to a server on loopback. */
export const command: Stage = async (sha, folder) => {
  const site = await servePath(path.join(folder, 'site'));
  const before = await fetch(site.url);
  let page = '';
  let isServed = false;
  return {
    settings: `command: ./examples/deploy.sh
command_env:
  SITE_DIR: ${path.join(folder, 'site')}
environment_url: ${site.url}
`,
    secrets: {},
    url: site.url,
    async look() {
      const after = await fetch(site.url);
      page = await after.text();
      isServed = after.ok;
      const line = `before: ${before.status}; after: ${after.status}, "${sentenceOf(page)}"`;
      return { title: `The site at ${site.url}`, lines: [line] };
    },
    deployed: () => ({
      'nothing was served before': before.status === 404,
      'the page of this commit is served': isServed && page.includes(sha.slice(0, 8)),
    }),
    told: (last) => ({
      "the script's own words are its description": last?.description.includes('is live') === true,
    }),
    close: site.close,
  };
};

function sentenceOf(html: string): string {
  const [, sentence = html] = /<p>(.*?)<\/p>/.exec(html) ?? [];
  return sentence.replace(/<[^>]+>/g, '');
}
