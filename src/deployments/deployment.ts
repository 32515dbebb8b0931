import { quoted } from '../errors.ts';
import type { Reading } from '../settings/load.ts';
import { nearestOf } from '../settings/nearest.ts';
import { type Catalog, namesIn, type TargetTable } from './catalog.ts';
import type { Deployment } from './config.ts';
import type { Written } from './file.ts';
import { judgeSettings } from './settings.ts';
import type { Report } from './tree.ts';
import { siteOf } from './webhook.ts';

/** What the entries of a file are judged with. */
export type Bench = {
  readonly catalog: Catalog;
  readonly reading: Reading;
  readonly report: Report;
  readonly warn: Report;
};

export function deploymentOf(
  written: Partial<Written>,
  path: string,
  line: number,
  bench: Bench,
): Deployment {
  const { catalog, report } = bench;
  const { settings, secrets, forge = 'github', checkout = 'none' } = written;
  const target = targetOf(written.target, path, line, catalog, report);
  judgePlace(written, path, line, report);
  const judged = judgeSettings({ path, line, target, settings, secrets }, bench);
  return {
    ...judged,
    path,
    name: written.name ?? '',
    forge,
    forgeUrl: siteOf(forge, written.forge_url, path, line, report),
    repository: written.repository ?? '',
    environment: written.environment ?? '',
    component: written.component,
    refs: written.refs,
    on: onOf(written, path, line, report),
    checkout,
    busy: written.busy ?? 'queue',
    target: target?.id ?? '',
    needsCommit: target?.deploysTree === true || checkout !== 'none' || reports(judged, catalog),
  };
}

function targetOf(
  id: string | undefined,
  path: string,
  line: number,
  { targets }: Catalog,
  report: Report,
): TargetTable | undefined {
  const found = targets.find((each) => each.id === id);
  if (found || id === undefined) return found;
  const ids = targets.map((each) => each.id);
  const nearest = nearestOf(id, ids);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  report(`${path}.target`, line, `must be one of ${ids.join(', ')}, got ${quoted(id)}${hint}`);
  return undefined;
}

function onOf(
  { on, forge }: Partial<Written>,
  path: string,
  line: number,
  report: Report,
): Deployment['on'] {
  if (on === undefined) return { api: true, deployment: false, push: [], tag: [] };
  const { api = false, deployment = false, push = [], tag = [] } = on;
  if (!api && !deployment && push.length + tag.length === 0) {
    report(`${path}.on`, line, 'lets nothing start it: write api: true, or leave `on` out');
  }
  if (forge === 'bitbucket-dc' && (deployment || push.length + tag.length > 0)) {
    report(`${path}.on`, line, 'can be the API alone: no webhook of bitbucket-dc is understood');
    return { api, deployment, push, tag };
  }
  if (forge === 'diversion' && tag.length > 0) {
    report(`${path}.on.tag`, line, 'is no event of diversion: write push: [main]');
  }
  if (deployment && forge && forge !== 'github') {
    const others = forge === 'diversion' ? 'push: [main]' : 'push: [main] or tag: [v*]';
    const message = `is an event of GitHub: for ${forge} write ${others}`;
    report(`${path}.on.deployment`, line, message);
  }
  return { api, deployment, push, tag };
}

/** Diversion's repositories have no owner in their name, and its trees are no archives. */
function judgePlace(
  { forge = 'github', repository, checkout }: Partial<Written>,
  path: string,
  line: number,
  report: Report,
): void {
  const isDiversion = forge === 'diversion';
  if (!isDiversion && repository !== undefined && !repository.includes('/')) {
    report(`${path}.repository`, line, `must be owner/name, got ${quoted(repository)}`);
  }
  if (checkout === 'archive' && forge === 'bitbucket-dc') {
    report(`${path}.checkout`, line, 'cannot be archive: bitbucket-dc is not asked for any');
  }
  if (isDiversion && repository?.includes('/')) {
    const message = `must be its id (dv.repo.…) or its name, got ${quoted(repository)}`;
    report(`${path}.repository`, line, message);
  }
  if (checkout === (isDiversion ? 'archive' : 'diversion')) {
    const cure = isDiversion ? 'write checkout: diversion' : 'write forge: diversion';
    report(`${path}.checkout`, line, `cannot be ${checkout} where the forge is ${forge}: ${cure}`);
  }
}

/** Whether anybody is told of its runs; `auto` tells where there is a credential for it. */
function reports(
  { settings, secrets }: Pick<Deployment, 'settings' | 'secrets'>,
  catalog: Catalog,
) {
  const { report = 'auto' } = settings;
  if (/\bnone\b/.test(report)) return false;
  if (!/\bauto\b/.test(report)) return true;
  return catalog.reporters.some((reporter) => {
    const names = namesIn(reporter.settings);
    return Object.keys(secrets).some((name) => names.get(name)?.setting.secret);
  });
}
