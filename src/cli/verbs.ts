export const verbs = {
  deploy: 'Run one deploy and keep its status true (the default)',
  status: 'Post one status and end',
  check: 'Say what a deploy would do, and whether the credentials work',
  reap: 'Close what killed runs left open',
  serve: 'Run the deploys that a slipway.yml names, asked for by API, Spinnaker or webhook',
  backup: "Copy a server's store into a file, while it runs: backup FILE",
  orca: 'Print an orca-local.yml for Spinnaker',
  help: 'Explain a verb, a topic or a setting',
  version: 'Print the version',
  completion: 'Print a completion script for the shell',
} as const;
export type CliVerb = keyof typeof verbs;

/** Verbs that read the settings of a run: as flags they take all of them. */
export const runVerbs = ['deploy', 'status', 'check', 'reap'] as const satisfies CliVerb[];
export type RunVerb = (typeof runVerbs)[number];

export const isRunVerb = (verb: string): verb is RunVerb =>
  (runVerbs as readonly string[]).includes(verb);

/** Verbs that read the settings of the server, as flags too, and none of a run. */
export const serverVerbs: readonly CliVerb[] = ['serve', 'orca', 'backup'];

/** What the others than `serve` look at. */
const read: Partial<Record<CliVerb, readonly string[]>> = {
  orca: ['public_url'],
  backup: ['data_dir', 'database_url'],
};
/** Verbs that look at this setting of the server, by its YAML name. */
export const readersOf = (name: string): readonly CliVerb[] =>
  serverVerbs.filter((verb) => read[verb]?.includes(name) ?? true);

type VerbFlag = {
  readonly verbs: readonly CliVerb[];
  readonly about: string;
  /** It takes no value. */
  readonly bare?: true;
};
/** Flags of single verbs, which are no settings. */
export const verbFlags: Readonly<Record<string, VerbFlag>> = {
  'check-config': {
    verbs: ['serve'],
    about: 'Read everything, name every fault, start nothing',
    bare: true,
  },
  config: { verbs: ['serve', 'orca'], about: 'slipway.yml to read, instead of SLIPWAY_CONFIG' },
  spinnaker: { verbs: ['orca'], about: 'Release of Spinnaker to write for, such as 2026.1' },
};

/** Names of the flags that a verb has beside the settings of a run. */
export const flagsOf = (verb: CliVerb): readonly string[] =>
  Object.keys(verbFlags).filter((name) => verbFlags[name]?.verbs.includes(verb));

/** Words that a verb understands behind it; `help` has its own. */
export const shells = ['bash', 'zsh'] as const;
