import type { Fault } from '../../errors.ts';
import type { Table, Values } from '../../settings/define.ts';
import {
  credential,
  duration,
  map,
  matching,
  oneOf,
  secretUrl,
  text,
  url,
  whole,
} from '../../settings/rules.ts';

const minutes = 60_000;

const application = matching(
  /^[A-Za-z0-9][\w-]{0,99}$/,
  'text',
  'must be the uuid, the slug or the number of an application',
);
const zone = matching(
  /^[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+$/,
  'text',
  'must be a host name such as divio.com; a whole address goes into divio_api_url',
);

export const divioSettings = {
  divioToken: {
    is: credential,
    about: 'API token of Divio; it acts as its user, so give CI an account of its own.',
    required: true,
    secret: true,
    vendor: ['DIVIO_API_TOKEN'],
  },
  divioApplication: {
    is: application,
    about: 'Application to deploy: its uuid, slug or number.',
    required: true,
  },
  divioEnvironment: {
    is: text,
    about: 'Slug of the environment at Divio, such as `test` or `live`.',
    otherwise: '`environment`',
  },
  divioBuildMode: {
    is: oneOf('AUTO', 'ADOPT', 'FORCE'),
    about: 'Whether Divio may take an image that it has (`AUTO`, `ADOPT`) or must build (`FORCE`).',
    default: 'AUTO',
  },
  divioOnBusy: {
    is: oneOf('wait', 'attach', 'fail'),
    about:
      'What to do while another deployment of the environment runs; `attach` takes its end for ours.',
    default: 'wait',
  },
  divioQueueTimeout: {
    is: duration,
    about: 'Longest wait for other deployments of the environment.',
    default: 30 * minutes,
  },
  divioVerify: {
    is: oneOf('off', 'warn', 'require'),
    about:
      'Compare what Divio deployed with `commit`; another one is deployed again first, then warned of or a failure.',
    default: 'warn',
  },
  divioVerifyRetries: {
    is: whole(0, 10),
    about: 'How often to deploy again while Divio deploys another commit.',
    default: 2,
  },
  divioPullDelay: {
    is: duration,
    about: 'Time for Divio to pull the commit before it is asked to deploy.',
    otherwise: '15s where the repository is elsewhere and the commit is younger than a minute',
  },
  divioWebhookUrl: {
    is: secretUrl,
    about: 'Experimental: the webhook of the repository at Divio, told of the commit beforehand.',
    secret: true,
  },
  divioWebhookSecret: { is: text, about: 'Shared secret of that webhook.', secret: true },
  divioWebhookType: {
    is: oneOf('github', 'gitlab'),
    about: 'Git host whose manners that webhook expects.',
    default: 'github',
  },
  divioEnv: {
    is: map,
    about: 'Variables of the environment to set before the deploy.',
    secret: true,
  },
  divioSensitiveEnv: {
    is: map,
    about: 'The same, marked as sensitive at Divio.',
    secret: true,
  },
  divioLog: {
    is: oneOf('on_failure', 'always', 'never'),
    about: "When to show the deployment's log; `always` shows it while it grows.",
    default: 'on_failure',
  },
  divioPollInterval: {
    is: duration,
    about: 'Pause between two looks at the deployment, at least 1s.',
    otherwise: 'adaptive: seldom at first, every second when the end is near',
  },
  divioZone: { is: zone, about: 'Zone of Divio.', default: 'divio.com' },
  divioApiUrl: { is: url, about: "Base of Divio's API.", otherwise: '`https://api.ZONE`' },
} as const satisfies Table;
export type DivioValues = Values<typeof divioSettings>;

export const baseOf = ({
  divioApiUrl,
  divioZone,
}: Pick<DivioValues, 'divioApiUrl' | 'divioZone'>): string =>
  divioApiUrl ?? `https://api.${divioZone}`;

const variable = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** Faults that no single setting shows, and those of secrets, of which nothing is quoted. */
export function faultsOf(
  values: DivioValues,
  nameOf: (key: keyof DivioValues) => string,
): readonly Fault[] {
  const faults: Fault[] = [];
  const fault = (key: keyof DivioValues, message: string): void =>
    void faults.push({ name: nameOf(key), message });
  if (!URL.canParse(`https://api.${values.divioZone}`)) {
    fault('divioZone', 'must be a host name such as divio.com');
  }
  for (const key of ['divioEnv', 'divioSensitiveEnv'] as const) {
    const names = Object.keys(values[key] ?? {});
    if (!names.every((name) => variable.test(name))) {
      fault(key, 'holds a name that no variable can have');
    }
  }
  const twice = Object.keys(values.divioEnv ?? {}).filter((name) =>
    Object.hasOwn(values.divioSensitiveEnv ?? {}, name),
  );
  if (twice.length > 0) fault('divioSensitiveEnv', `sets ${twice.join(', ')}, as divio_env does`);
  if (values.divioWebhookSecret && !values.divioWebhookUrl) {
    fault('divioWebhookSecret', 'has no use without divio_webhook_url');
  }
  if (values.divioPollInterval !== undefined && values.divioPollInterval < 1000) {
    fault('divioPollInterval', 'must be at least 1s');
  }
  return faults;
}
