import { quoted } from '../errors.ts';
import { isOfGit } from '../order.ts';
import { nearestOf } from '../settings/nearest.ts';
import { may, reaches } from './access.ts';
import { type Catalog, everyTable, namesIn } from './catalog.ts';
import type { Config, Deployment, Token } from './config.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { RunRequest, SpinnakerFacts } from './request.ts';

/** What a run is made of: with the secrets, `runSources` makes of it what `load` reads. Plain data. */
export type Selected = {
  readonly deployment: Deployment;
  readonly settings: Readonly<Record<string, string>>;
  readonly spinnaker: SpinnakerFacts | undefined;
};
export type Selection = Selected | { readonly refusal: Refusal };

/** The one deployment that a request names, within the bounds of its token, and what it may say of it. */
export function selectRun(
  config: Config,
  request: RunRequest,
  token: Token,
  catalog: Catalog,
): Selection {
  const { settings, spinnaker } = request;
  if (!may(token, 'deploy')) {
    return refuse(403, 'forbidden', `The token ${token.name} may not deploy.`);
  }
  const found = find(config, request, token);
  if ('refusal' in found) return found;
  return objection(found, request, catalog) ?? { deployment: found, settings, spinnaker };
}

/** Whoever may not use a deployment does not learn whether there is one. */
function find(
  { deployments }: Config,
  request: RunRequest,
  token: Token,
): Deployment | { readonly refusal: Refusal } {
  const { deployment: name, repository, environment } = request;
  const mine = deployments.filter((each) => reaches(token, each.name));
  if (name !== undefined) {
    if (!reaches(token, name)) {
      return refuse(403, 'forbidden', `The token ${token.name} may not use ${quoted(name)}.`);
    }
    const found = mine.find((each) => each.name === name);
    if (found) return found;
    const names = mine.map((each) => each.name);
    const nearest = nearestOf(name, names);
    const hint = nearest ? ` Did you mean ${nearest}?` : '';
    return refuse(422, 'no_deployment', `No deployment is named ${quoted(name)}.${hint}`);
  }
  if (!repository || !environment) {
    const message = 'Name a deployment, or both repo and environment: they select one.';
    return refuse(422, 'not_selected', message);
  }
  const matching = mine.filter(
    (each) => same(each.repository, repository) && same(each.environment, environment),
  );
  const [only, ...more] = matching;
  if (only && more.length === 0) return only;
  const place = `repository ${quoted(repository)} and environment ${quoted(environment)}`;
  if (!only) {
    const message = `No deployment that the token ${token.name} may use has ${place}.`;
    return refuse(422, 'no_deployment', message);
  }
  const names = matching.map((each) => each.name).join(', ');
  return refuse(
    422,
    'several_deployments',
    `Several have ${place}: name one as deployment: ${names}.`,
  );
}

function objection(
  found: Deployment,
  request: RunRequest,
  catalog: Catalog,
): { readonly refusal: Refusal } | undefined {
  const { name, on, repository, environment } = found;
  if (!on.api) {
    return refuse(
      422,
      'not_by_api',
      `${name} is not started by requests: \`on\` in slipway.yml says so.`,
    );
  }
  const { settings, ...wanted } = request;
  const differs = (what: string, wish: string | undefined, has: string): string[] =>
    wish !== undefined && !same(wish, has)
      ? [`${what} is ${quoted(wish)}, but ${name} has ${has}`]
      : [];
  const others = [
    ...differs('repo', wanted.repository, repository),
    ...differs('environment', wanted.environment, environment),
  ];
  if (others.length > 0) return refuse(422, 'other_place', `${others.join('; ')}.`);
  const closed = Object.keys(settings).filter((each) => !found.open.includes(each));
  if (closed.length > 0) {
    const faults = closed.map((each) => ({
      name: each,
      message: closedBecause(each, found, catalog),
    }));
    const [{ message } = { message: '' }] = faults;
    return refuse(422, 'not_open', `${closed[0]} ${message}.`, faults);
  }
  return commitObjection(found, settings);
}

function closedBecause(setting: string, { name, target }: Deployment, catalog: Catalog): string {
  const owner = catalog.targets.find(({ settings }) => namesIn(settings).has(setting));
  if (owner && owner.id !== target && namesIn(everyTable(catalog)).has(setting)) {
    return `is of the target ${owner.id}, and ${name} deploys with ${target}`;
  }
  return `is fixed for ${name} in slipway.yml: leave it out`;
}

/** What only the forge can show is looked at later; that there is nothing to look up can be said at once. */
function commitObjection(
  { name, forge, needsCommit, settings: fixed }: Deployment,
  settings: Readonly<Record<string, string>>,
): { readonly refusal: Refusal } | undefined {
  const all = { ...settings, ...fixed };
  const { commit = fixed.sha, ref, deployment_id: id } = all;
  if (commit && isOfGit(commit) === (forge === 'diversion')) {
    const shape = forge === 'diversion' ? 'dv.commit.…' : '40 or 64 hex digits';
    return refuse(422, 'other_commit', `commit must be ${shape}: ${name} is of ${forge}.`);
  }
  if (!needsCommit || commit || ref || (id && id.trim() !== '0')) return undefined;
  return refuse(
    422,
    'no_commit',
    `${name} needs commit, ref or deployment_id, to know what to deploy.`,
  );
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
