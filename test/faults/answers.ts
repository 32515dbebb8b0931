import { canned, type Fault } from '../support/github/fake-github.ts';

const acting = <T extends object>(answer: T): T & { acts: true } => ({ ...answer, acts: true });

/** They pass: the same request is answered well the next time. */
export const passing: Readonly<Record<string, Fault>> = {
  'a reset before anything is done': 'reset',
  'a reset after it was done': 'reset-after',
  'half a body': 'half-body',
  'no answer, nothing done': 'hang',
  'no answer, all done': 'hang-after',
  'a page instead': canned.htmlPage,
  'a page, all done': acting(canned.htmlPage),
  500: canned.serverError,
  '500, all done': acting(canned.serverError),
  502: canned.badGateway,
  '503 with Retry-After': canned.unavailable(1),
  '429 with Retry-After': canned.tooMany(1),
  'a secondary limit with Retry-After': canned.secondaryLimit(1),
  'a primary limit that ends soon': canned.primaryLimit(1500),
};

/** Longer than anybody waits at this place. */
export const limits: Readonly<Record<string, Fault>> = {
  'a primary limit that ends in 40 min': canned.primaryLimit(40 * 60_000),
  'a secondary limit without Retry-After': canned.secondaryLimit(),
  '429 without Retry-After': canned.tooMany(),
  '429 with Retry-After of an hour': canned.tooMany(3600),
};

/** A no for good. */
export const refusals: Readonly<Record<string, Fault>> = {
  401: canned.badCredentials,
  '403 for want of a permission': canned.noPermission,
  404: canned.notFound,
  '409 for a conflict': canned.mergeConflict,
  '409 for checks': canned.contextsConflict,
  422: canned.invalid([{ resource: 'Deployment', code: 'custom', field: 'ref' }]),
  'a redirect to another host': 'redirect-elsewhere',
};
