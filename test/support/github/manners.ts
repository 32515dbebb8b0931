import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './refusal.ts';

const MEDIA_TYPE = /^application\/(?:vnd\.github(?:\.[\w-]+)*\+json|json)$/;
const VERSION = '2022-11-28';

/** What every request must carry whatever it asks. */
export function demandManners(method: string, headers: IncomingHttpHeaders, hasBody: boolean) {
  const refuse = (status: number, message: string): never => {
    throw new Refusal(status, message, { violation: true });
  };
  if (!headers['user-agent']) {
    refuse(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    );
  }
  const accepted = (headers.accept ?? '')
    .split(',')
    .map((type) => type.split(';')[0]?.trim() ?? '');
  if (!accepted.some((type) => MEDIA_TYPE.test(type))) {
    refuse(415, "Unsupported 'Accept' header: it must name application/vnd.github+json");
  }
  const type = headers['content-type'] ?? '';
  if (hasBody && !/^application\/json(?:; ?charset=utf-8)?$/i.test(type)) {
    refuse(415, 'A body must be sent as application/json');
  }
  if (hasBody && method === 'GET') refuse(400, 'A GET has no body');
}

/** REST only: GraphQL has no versions. */
export function demandVersion(headers: IncomingHttpHeaders): void {
  const version = headers['x-github-api-version'];
  if (version === VERSION) return;
  const said =
    version === undefined ? 'No X-GitHub-Api-Version' : `"${version}" is not a supported version`;
  throw new Refusal(400, `${said}: send ${VERSION}`, { violation: true });
}

export function parseBody(raw: string): unknown {
  if (raw === '') return undefined;
  try {
    return JSON.parse(raw);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON', { violation: true });
  }
}
