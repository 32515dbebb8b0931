import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pages } from '../src/pages.ts';

const root = path.join(import.meta.dirname, '..');
const entries = readdirSync(path.join(root, 'entries'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => `entries/${file}`);
const all = [...pages, 'CONTRIBUTING.md', 'CHANGELOG.md', ...entries];

/** Without what stands between fences, where neither headings nor links are. */
const proseOf = (page: string): string =>
  readFileSync(path.join(root, page), 'utf8').replace(/^( *)```.*?^\1```$/gms, '');

/** What GitHub makes of headings; of two that are the same, the second gets `-1`. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, title = ''] of proseOf(page).matchAll(/^#+ (.*)$/gm)) {
    const plain = title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-');
    let nth = 0;
    while (anchors.has(nth === 0 ? plain : `${plain}-${nth}`)) nth += 1;
    anchors.add(nth === 0 ? plain : `${plain}-${nth}`);
  }
  return anchors;
}

type Link = { readonly page: string; readonly anchor: string };

/** Links to files of the repository, relative to it. */
const linksOf = (page: string): readonly Link[] =>
  [...proseOf(page).matchAll(/\]\(<?(?!https?:)([^)\s>]+)>?\)/g)].map(([, link = '']) => {
    const [file = '', anchor = ''] = link.split('#');
    return { page: file ? path.join(path.dirname(page), file) : page, anchor };
  });

/** What is wrong with a link; undefined: nothing. */
function brokenness({ page, anchor }: Link): string | undefined {
  if (!existsSync(path.join(root, page))) return `there is no ${page}`;
  if (!anchor || anchorsOf(page).has(anchor)) return undefined;
  return `${page} has no heading ${anchor}`;
}

const links = suite('links between pages');
for (const page of all) {
  links(`${page} links to what is there`, () => {
    assert.equal(
      linksOf(page).flatMap((link) => brokenness(link) ?? []),
      [],
    );
  });
}
links('README leads to every page, and every page to others', () => {
  const linked = new Set(linksOf('README.md').map(({ page }) => page));
  for (const page of pages.filter((one) => one !== 'README.md')) {
    assert.ok(linked.has(page), page);
    assert.ok(linksOf(page).length > 0, page);
  }
});
links.run();
