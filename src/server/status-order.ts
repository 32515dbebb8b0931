import { reaches } from '../deployments/access.ts';
import type { Config, Token } from '../deployments/config.ts';
import { mostFaults, refuse } from '../deployments/refusal.ts';
import { isTemplate, templateCure, unresolvedFields } from '../deployments/unresolved-body.ts';
import { type Fault, quoted } from '../errors.ts';
import { nearestOf } from '../settings/nearest.ts';
import { isObject, jsonOf } from '../settings/rules.ts';
import { postedStates, type StatusOrder } from './deps.ts';
import { type Failure, failureOf } from './failure.ts';

const rules = {
  owner: { must: 'must be the owner of the repository', pattern: '^[\\w.-]+(?:/[\\w.-]+)*$' },
  repo: { must: 'must be the name of the repository', pattern: '^[\\w.-]+(?:/[\\w.-]+)*$' },
  deployment_id: { must: 'must be the number of a deployment', pattern: '^[1-9]\\d{0,18}$' },
  state: {
    must: `must be one of ${postedStates.join(', ')}`,
    pattern: `^(?:${postedStates.join('|')})$`,
  },
  description: { must: 'must be text', pattern: '' },
} as const;
const names = Object.keys(rules) as (keyof typeof rules)[];

/** The body of `POST /spinnaker/v1/statuses`, for OpenAPI. */
export const statusSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['repo', 'deployment_id', 'state'],
  properties: {
    owner: {
      anyOf: [{ type: 'string', pattern: rules.owner.pattern }, { enum: ['', null] }],
      description: 'Owner of the repository; not needed where repo is owner/name.',
    },
    repo: { type: 'string', pattern: rules.repo.pattern, description: 'Its name, or owner/name.' },
    deployment_id: {
      anyOf: [
        { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        { type: 'string', pattern: rules.deployment_id.pattern },
      ],
      description: 'Number of the deployment at the forge.',
    },
    state: { enum: postedStates, description: 'State to post.' },
    description: { type: ['string', 'null'], description: 'Text of the status.' },
  },
} as const;

/** Reads what a stage wants to have posted, and finds the deployments whose token could do it. */
export function readStatusOrder(text: string, config: Config, token: Token): StatusOrder {
  const body = jsonOf(text);
  if (!isObject(body)) throw notJson(text, body);
  const unresolved = unresolvedFields(body);
  if (unresolved.length > 0) {
    throw refusal(422, 'unresolved', 'An expression was not resolved.', unresolved);
  }
  const faults: Fault[] = unknownIn(body);
  const read = (name: keyof typeof rules): string | undefined => {
    const value = body[name];
    if (value === null || value === undefined || value === '') return undefined;
    const isText =
      typeof value === 'string' || (name === 'deployment_id' && Number.isSafeInteger(value));
    if (isText && new RegExp(rules[name].pattern).test(String(value))) return String(value);
    faults.push({ name, message: rules[name].must });
    return undefined;
  };
  const [owner, repo, deploymentId, state, description] = names.map(read);
  for (const [name, value] of Object.entries({ repo, deployment_id: deploymentId, state })) {
    const isNamed = faults.some((fault) => fault.name === name);
    if (value === undefined && !isNamed) faults.push({ name, message: 'is required' });
  }
  const [first] = faults;
  if (first) throw refusal(400, 'invalid', `${first.name} ${first.message}.`, faults);
  const repository = owner && repo && !repo.includes('/') ? `${owner}/${repo}` : (repo ?? '');
  const candidates = config.deployments.filter(
    (each) =>
      each.repository.toLowerCase() === repository.toLowerCase() && reaches(token, each.name),
  );
  if (candidates.length === 0) {
    const message = `No deployment that the token ${token.name} may use has the repository ${quoted(repository)}.`;
    throw refusal(422, 'no_deployment', message);
  }
  return {
    candidates,
    repository,
    deploymentId: deploymentId ?? '',
    state: state ?? '',
    description: description?.trim() || undefined,
    by: token.name,
  };
}

function notJson(text: string, body: unknown): Failure {
  if (body !== undefined) return refusal(400, 'not_an_object', 'The body must be a JSON object.');
  return isTemplate(text)
    ? refusal(422, 'unresolved', `The body ${templateCure}.`)
    : refusal(400, 'not_json', 'The body is not JSON.');
}

const unknownIn = (body: object): Fault[] =>
  Object.keys(body)
    .filter((name) => !names.some((known) => known === name))
    .map((name, at) => {
      const nearest = nearestOf(name, at < mostFaults ? names : []);
      return { name, message: `is not known here${nearest ? `; did you mean ${nearest}?` : ''}` };
    });

const refusal = (...given: Parameters<typeof refuse>): Failure =>
  failureOf(refuse(...given).refusal);
