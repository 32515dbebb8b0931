import type { Fault } from '../../errors.ts';
import type { Table, Values } from '../../settings/define.ts';
import { bool, lasting, map, matching, prose, secretUrl, text } from '../../settings/rules.ts';

export const consoleHost = 'console.convox.com';

// Any word may be a host or a name, and of a number nobody sees what YAML made of it.
const host = {
  ...matching(
    /^(?:https?:\/\/)?[\w.-]{1,253}(?::\d{1,5})?\/?$/,
    'text',
    'must be a host, with a port if need be',
  ),
  loose: true,
} as const;
const name = {
  ...matching(/^\w[\w.-]{0,99}$/, 'text', 'must be the name of an app'),
  loose: true,
} as const;
const release = matching(/^R[A-Z0-9]{2,40}$/, 'text', 'must be the id of a release');
/** What the rack puts into a header, so: one line of plain letters. */
const inService = matching(
  /^[\w-]+\s*:\s*[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
  'text',
  'must be `service: command`, in one line of ASCII',
);

export const convoxSettings = {
  convoxRackUrl: {
    is: secretUrl,
    about: 'A rack itself, `https://convox:PASSWORD@HOST`; goes before console and password.',
    secret: true,
    vendor: ['RACK_URL'],
  },
  convoxHost: {
    is: host,
    about: 'The console; or, without `convox_rack`, a rack.',
    default: consoleHost,
    vendor: ['CONVOX_HOST'],
  },
  convoxPassword: {
    is: text,
    about: 'Deploy key, CLI token, or the password of a rack.',
    secret: true,
    vendor: ['CONVOX_PASSWORD'],
  },
  convoxRack: {
    is: text,
    about: 'Rack to deploy to, `organization/name` or a part that only it has.',
    vendor: ['CONVOX_RACK'],
  },
  convoxApp: { is: name, about: 'App to deploy.', required: true },
  convoxDir: { is: text, about: 'Folder to send, relative to the source tree.', default: '.' },
  convoxManifest: { is: text, about: 'Manifest in that folder.', default: 'convox.yml' },
  convoxDescription: {
    is: prose,
    about: "Text of the build; Slipway's key for this deploy is added.",
    otherwise: 'context',
  },
  convoxBuildArgs: { is: map, about: 'Arguments of the build, without commas.', secret: true },
  convoxNoCache: {
    is: bool,
    about: 'Build without a cache; racks of version 3 do not heed it.',
    default: false,
  },
  convoxDevelopment: { is: bool, about: 'Build the stage `development`.', default: false },
  convoxPromote: {
    is: bool,
    about: 'Promote what was built; `false` ends with "built, not promoted".',
    default: true,
  },
  convoxRelease: { is: release, about: 'Release to promote; nothing is built.' },
  convoxForce: {
    is: bool,
    about: 'Promote even while the app is updating.',
    default: false,
  },
  convoxBuildTimeout: {
    is: lasting,
    about: 'Longest time for the build.',
    otherwise: 'what is left of `timeout`',
  },
  convoxPromoteTimeout: {
    is: lasting,
    about: 'Longest time for the promotion, waiting for others included.',
    otherwise: 'what is left of `timeout`',
  },
  convoxRolloutTimeout: {
    is: lasting,
    about: 'When the rack itself rolls back; version 3 only.',
    otherwise: "the rack's, 50 minutes",
  },
  convoxCreateApp: { is: bool, about: 'Create the app where there is none.', default: false },
  convoxEnv: {
    is: map,
    about: 'Variables of the app, set before the build; the others stay.',
    secret: true,
  },
  convoxEnvReplace: {
    is: bool,
    about:
      'Replace all variables of the app by `convox_env`, which is all that deploy keys may do.',
    default: false,
  },
  convoxBeforePromote: {
    is: inService,
    about: 'Command to run on the new release before it is promoted, `service: command`.',
  },
  convoxCaCert: {
    is: { ...prose, kind: 'text@' },
    about: 'PEM certificates to trust for Convox alone, or `@path`.',
    file: true,
  },
  convoxSkipVerify: {
    is: bool,
    about: 'Do not verify the certificate of Convox; every run warns about it.',
    default: false,
  },
} as const satisfies Table;
export type ConvoxValues = Values<typeof convoxSettings>;

type Key = keyof ConvoxValues;
/** Under which name its author wrote a setting. */
export type NameOf = (key: Key) => string;

/** Faults that no single setting shows; of secrets nothing is quoted but keys. */
export function faultsOf(values: ConvoxValues, nameOf: NameOf): readonly Fault[] {
  return [...whereFaults(values), ...pairFaults(values), ...whatFaults(values)].map(
    ([key, message]) => ({ name: nameOf(key), message }),
  );
}

export type Found = readonly [key: Key, message: string];

/** A host as it is written, which may still be none: `256.1.1.1`. */
export function urlOfHost({ convoxHost }: Pick<ConvoxValues, 'convoxHost'>): string {
  const written = convoxHost.replace(/\/$/, '');
  return written.includes('://') ? written : `https://${written}`;
}

function whereFaults(values: ConvoxValues): readonly Found[] {
  if (values.convoxRackUrl !== undefined) {
    if (new URL(values.convoxRackUrl).password) return [];
    return [['convoxRackUrl', 'holds no password: it must be https://convox:PASSWORD@HOST']];
  }
  if (values.convoxPassword === undefined) {
    return [
      ['convoxRackUrl', 'is required; or set convox_password (a deploy key) and convox_rack'],
    ];
  }
  if (!URL.canParse(urlOfHost(values))) {
    return [['convoxHost', 'must be a host; as an address or with this port there is none']];
  }
  const isConsole = values.convoxHost.includes(consoleHost);
  return isConsole && values.convoxRack === undefined
    ? [['convoxRack', `is required: ${consoleHost} has to know which rack`]]
    : [];
}

function pairFaults(values: ConvoxValues): readonly Found[] {
  const faults: Found[] = [];
  const args = Object.entries(values.convoxBuildArgs ?? {});
  for (const [key, value] of args) {
    if (!isKey(key)) faults.push(['convoxBuildArgs', 'holds a name that no argument can have']);
    else if (/[,\n\r]/.test(value)) {
      const why = 'a comma or a line break, which Convox cannot pass on';
      faults.push(['convoxBuildArgs', `holds in ${key} ${why}`]);
    }
  }
  for (const [key, value] of Object.entries(values.convoxEnv ?? {})) {
    if (!isKey(key)) faults.push(['convoxEnv', 'holds a name that no variable can have']);
    else if (/[\n\r]/.test(value)) {
      faults.push(['convoxEnv', `holds in ${key} a line break, which Convox cannot pass on`]);
    }
  }
  return faults;
}

const isKey = (key: string): boolean => /^[A-Za-z_][\w.-]*$/.test(key);

function whatFaults(values: ConvoxValues): readonly Found[] {
  const faults: Found[] = [];
  if (values.convoxRelease !== undefined) {
    if (!values.convoxPromote) {
      faults.push(['convoxRelease', 'is there to be promoted, and convox_promote is false']);
    }
    const ofBuild = ['convoxEnv', 'convoxBuildArgs'] as const;
    for (const key of ofBuild.filter((each) => values[each] !== undefined)) {
      faults.push([key, 'goes into a build, and with convox_release there is none']);
    }
  }
  if (!values.convoxPromote && values.convoxBeforePromote !== undefined) {
    faults.push(['convoxBeforePromote', 'comes before a promotion, and convox_promote is false']);
  }
  if (values.convoxEnvReplace && values.convoxEnv === undefined) {
    faults.push(['convoxEnvReplace', 'needs convox_env, which is not set']);
  }
  return faults;
}
