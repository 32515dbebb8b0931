import type { IncomingMessage } from 'node:http';
import type { Exchange, Manners } from './manners.ts';

export type Route = {
  readonly exchange: Exchange;
  readonly app: string;
  /** Of the build, release, process or object. */
  readonly id: string;
};

const at = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(':app', '(?<app>[\\w.-]+)')
      .replace(':key', '(?<id>tmp/[0-9a-f]{30}\\.tgz)')
      .replace(':id', '(?<id>[\\w.-]+)')}$`,
  );
const routes: readonly (readonly [Exchange, string, RegExp])[] = [
  ['racks', 'GET', at('/racks')],
  ['session', 'POST', at('/session')],
  ['system', 'GET', at('/system')],
  ['create', 'POST', at('/apps')],
  ['app', 'GET', at('/apps/:app')],
  ['cancel', 'POST', at('/apps/:app/cancel')],
  ['app logs', 'GET', at('/apps/:app/logs')],
  ['diagnose', 'GET', at('/apps/:app/diagnose')],
  ['upload', 'POST', at('/apps/:app/objects/:key')],
  ['object', 'GET', at('/apps/:app/objects/:key')],
  ['start', 'POST', at('/apps/:app/builds')],
  ['builds', 'GET', at('/apps/:app/builds')],
  ['build', 'GET', at('/apps/:app/builds/:id')],
  ['logs', 'GET', at('/apps/:app/builds/:id/logs')],
  ['releases', 'GET', at('/apps/:app/releases')],
  ['env', 'POST', at('/apps/:app/releases')],
  ['release', 'GET', at('/apps/:app/releases/:id')],
  ['promote', 'POST', at('/apps/:app/releases/:id/promote')],
  ['processes', 'GET', at('/apps/:app/processes')],
  ['process start', 'POST', at('/apps/:app/services/:id/processes')],
  ['process', 'GET', at('/apps/:app/processes/:id')],
  ['process end', 'DELETE', at('/apps/:app/processes/:id')],
  ['exec', 'GET', at('/apps/:app/processes/:id/exec')],
];
const sockets: readonly Exchange[] = ['logs', 'app logs', 'exec'];
const ofConsole: readonly Exchange[] = ['racks', 'session'];

/** The router of a rack, which knows its sockets only as such, and a console's routes only behind one. */
export function routeOf(request: IncomingMessage, manners: Manners): Route | undefined {
  const { pathname } = new URL(request.url ?? '', 'http://h');
  const prefix = manners.prefix ?? '';
  if (!pathname.startsWith(prefix)) return undefined;
  const path = pathname.slice(prefix.length);
  for (const [exchange, method, pattern] of routes) {
    const match = pattern.exec(path);
    if (!match || method !== request.method) continue;
    if (sockets.includes(exchange) !== 'upgrade' in request.headers) continue;
    if (ofConsole.includes(exchange) && !manners.racks) continue;
    return { exchange, app: match.groups?.app ?? '', id: match.groups?.id ?? '' };
  }
  return undefined;
}
