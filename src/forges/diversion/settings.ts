import type { Table } from '../../settings/define.ts';
import { credential, matching, oneOf, text, url } from '../../settings/rules.ts';

/** Paths are put behind it. */
const base = {
  ...url,
  must: 'must be an absolute http or https URL without a user, a password or a query in it',
  json: { type: 'string', pattern: '^https?:\\/\\/[^\\s@/?#\\\\]+(?:\\/[^\\s?#]*)?$' },
  read: (raw: string) => (/[?#]/.test(raw) ? undefined : url.read(raw)),
};

export const diversionSettings = {
  diversionToken: {
    is: credential,
    about: 'API token of Diversion; it acts as the user who made it.',
    secret: true,
  },
  diversionRepo: {
    is: {
      ...matching(
        /^(?!\.{1,2}$)[^\s/\\?#%]{1,128}$/,
        'text',
        'must be the id (dv.repo.…) or the name of a repository; one whose name holds blanks or slashes goes by its id',
      ),
      loose: true,
    },
    about: 'Repository at Diversion: its id `dv.repo.…`, or its name.',
  },
  diversionRef: {
    is: text,
    about: 'Branch, tag or commit: a name, or an id such as `dv.commit.40`.',
    otherwise: "the repository's default branch",
  },
  diversionPath: {
    is: text,
    about:
      'Folder that keeps the tree, so that the next run fetches only what has changed; nobody else may put files there.',
    otherwise: 'a folder that is removed after the deploy',
  },
  diversionMethod: {
    is: oneOf('rest', 'dv'),
    about: 'How the tree is fetched: by the REST API, or by the program `dv`.',
    default: 'rest',
  },
  diversionClientId: {
    is: { ...matching(/^[\w-]{1,128}$/, 'text', 'must be letters and digits'), loose: true },
    about: 'Client id that the token belongs to; it is no secret.',
    default: 'j084768v4hd6j1pf8df4h4c47',
  },
  diversionApiUrl: {
    is: base,
    about: "Address of Diversion's API.",
    default: 'https://api.diversion.dev/v0',
  },
  diversionAuthUrl: {
    is: base,
    about: 'Address that exchanges the token.',
    default: 'https://auth.diversion.dev',
  },
} as const satisfies Table;
