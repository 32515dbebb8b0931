import type { Table } from './define.ts';
import { duration, matching, text, url, whole } from './rules.ts';

/** What `slipway serve` itself needs; what it may deploy stands in slipway.yml. */
export const serverSettings = {
  listen: {
    is: matching(
      /^(?:(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):)?\d{1,5}$/,
      'text',
      'must be an address and a port such as 0.0.0.0:8080',
    ),
    about: 'Address and port to listen on.',
    default: '0.0.0.0:8080',
  },
  publicUrl: {
    is: url,
    about: 'Base of every link to the server, as Spinnaker, forges and people reach it.',
    required: true,
  },
  dataDir: {
    is: text,
    about: 'Folder of the embedded store.',
    default: '/var/lib/slipway',
  },
  databaseUrl: {
    is: matching(
      /^postgres(?:ql)?:\/\/\S+$/,
      'url',
      'must be a URL of PostgreSQL, such as postgres://user:password@host/name',
    ),
    about: 'PostgreSQL to use instead of the embedded store.',
    secret: true,
    vendor: ['DATABASE_URL'],
  },
  concurrency: {
    is: whole(1, 1000),
    about: 'Runs that are in progress at once.',
    default: 4,
  },
  drain: {
    is: duration,
    about: 'Time for running deploys after SIGTERM, before they are left to the next process.',
    default: 25_000,
  },
} as const satisfies Table;
