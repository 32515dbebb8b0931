import { RemoteError, type RemoteKind } from '../../errors.ts';
import { timeOfDay } from '../rate-limit.ts';

/** What a request is for: its failure says what is lost and which permission would have helped. */
export type Purpose = {
  /** A clause: `status not delivered`. */
  readonly lost: string;
  /** Fine-grained permission, as GitHub names it; without it nothing is said about permissions. */
  readonly needs?: `${'deployments' | 'statuses' | 'contents' | 'metadata'}: ${'read' | 'write'}`;
  /** Classic scope that would do as well. */
  readonly scope?: string;
  /** What a 404 leaves open beside the repository. */
  readonly thing?: string;
};

type Whose = { readonly setting: string; readonly repo: string };

/** The same failure with what it means to the pipeline's author. */
export function explain(error: RemoteError, purpose: Purpose, whose: Whose): RemoteError {
  const { status } = error;
  if (!purpose.needs) return error;
  if (status === 401) {
    return because(error, 'credentials', `${whose.setting} is wrong, expired or revoked`);
  }
  if (status === 403) return because(error, 'permission', permissionAdvice(error, purpose, whose));
  if (status === 404) {
    const thing = purpose.thing ? `, or there is no ${purpose.thing}` : '';
    return because(
      error,
      'permission',
      `${whose.repo} is not visible to ${whose.setting}${thing}: it must be able to see the repository and needs \`${purpose.needs}\``,
    );
  }
  return error;
}

export const rateLimited = (
  error: { readonly status: number | undefined; readonly answer: RemoteError['answer'] },
  { lost }: Purpose,
  end: number,
): RemoteError =>
  new RemoteError(`${lost}: rate limited until ${timeOfDay(end)}`, {
    kind: 'unavailable',
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.answer === undefined ? {} : { answer: error.answer }),
  });

function permissionAdvice(error: RemoteError, { needs, scope }: Purpose, whose: Whose): string {
  const said = error.answer?.body ?? '';
  if (error.answer?.headers['x-github-sso']) {
    return `${whose.setting} must first be authorised for the organisation's single sign-on`;
  }
  if (/archived/i.test(said)) return `${whose.repo} is archived, so nothing can be written to it`;
  if (/IP allow list/i.test(said)) return 'this machine is not on the allow list of the owner';
  const [area, access] = (needs ?? '').split(': ');
  const verb = access === 'write' ? 'write' : 'read';
  const classic = scope ? `, or the scope \`${scope}\`` : '';
  const fork = /not accessible by integration/i.test(said)
    ? '; workflows started from a fork or by Dependabot get a token that only reads'
    : '';
  return `the token may not ${verb} ${area}: ${whose.setting} needs \`${needs}\` (fine-grained or App)${classic}${fork}`;
}

export const because = (error: RemoteError, kind: RemoteKind, why: string): RemoteError =>
  new RemoteError(`${error.message}; ${why}`, {
    kind,
    ...(error.status === undefined ? {} : { status: error.status }),
    unknown: error.unknown,
    ...(error.answer === undefined ? {} : { answer: error.answer }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
