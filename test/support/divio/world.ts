import type { Clock } from '../../../src/clock.ts';

/** How one deployment goes. */
export type Course = {
  /** ms of the world's own time. */
  readonly lasts: number;
  /** `silent`: it ends, and its success stays null. */
  readonly ends: 'success' | 'failure' | 'silent';
  /** Of how far it is, given the share of its time that has passed; undefined: no such field. */
  readonly percent?: ((share: number) => number) | undefined;
  readonly log?: string;
};

export type Deployment = {
  readonly uuid: string;
  readonly environment: string;
  readonly mode: string;
  readonly course: Course;
  /** What Divio had pulled when it began. */
  commit: string;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Names and values that it was given. */
  variables: Readonly<Record<string, string>>;
};
export type Variable = {
  readonly uuid: string;
  readonly environment: string;
  readonly name: string;
  value: string;
  isSensitive: boolean;
};
export type Environment = {
  readonly uuid: string;
  readonly slug: string;
  readonly branch: string;
  readonly primaryDomain: string | null;
  deployed: string;
};
export type Application = {
  readonly uuid: string;
  readonly id: string;
  readonly slug: string;
  readonly organisation: string;
  readonly repository: string | null;
};

/** What Divio answers to a deployment while another one runs is not known: these are the ways it could. */
export type BusyManner =
  | 'refuse'
  | 'refuse 400'
  | 'refuse 423'
  | 'refuse environment'
  | 'refuse build_mode'
  | 'queue'
  | 'attach';

export type WorldOptions = {
  readonly clock: Clock;
  readonly busy: BusyManner;
  course(nth: number): Course;
  readonly repository: string | null;
  readonly slug: string | undefined;
};

export const application: Application = {
  uuid: 'nxldpjkvbzggzh6xzvkqv4j3je',
  id: '354',
  slug: 'hello',
  organisation: 'org4hjkvbzggzh6xzvkqv4j3je',
  repository: null,
};
export const older = '3'.repeat(40);
const uuidOf = (kind: string, nth: number): string =>
  `${kind}${String(nth).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')}`.padEnd(
    26,
    '2',
  );

/** Everything that Divio remembers, and its time. Acts on what it is asked, late answers or not. */
export function createWorld({ clock, busy, course, repository, slug }: WorldOptions) {
  const environments: Environment[] = [
    ['test', 'develop'],
    ['live', 'main'],
  ].map(([slug = '', branch = ''], nth) => ({
    ...{ uuid: uuidOf('env', nth), slug, branch, deployed: older },
    primaryDomain: null,
  }));
  const deployments: Deployment[] = [];
  const variables: Variable[] = [];
  let pulled = older;
  let made = 0;

  const of = (environment: string): Deployment[] =>
    deployments.filter((each) => each.environment === environment);

  /** Brings everything to where it is by now. */
  function settle(): void {
    const now = clock.now();
    for (const each of deployments) {
      if (each.endedAt !== undefined) continue;
      const before = of(each.environment).slice(0, of(each.environment).indexOf(each));
      if (each.startedAt === undefined) {
        if (before.some(({ endedAt }) => endedAt === undefined)) continue;
        begin(each, Math.max(...before.map(({ endedAt = 0 }) => endedAt)));
      }
      const end = (each.startedAt ?? 0) + each.course.lasts;
      if (end > now) continue;
      each.endedAt = end;
      const environment = environments.find(({ uuid }) => uuid === each.environment);
      if (environment && each.course.ends === 'success') environment.deployed = each.commit;
    }
  }

  function begin(deployment: Deployment, at: number): void {
    deployment.startedAt = at;
    deployment.commit = pulled;
    const own = variables.filter(({ environment }) => environment === deployment.environment);
    deployment.variables = Object.fromEntries(own.map(({ name, value }) => [name, value]));
  }

  return {
    application: { ...application, repository, slug: slug ?? application.slug },
    environments,
    deployments,
    variables,
    settle,
    now: () => clock.now(),
    /** What the git host tells Divio, sooner or later. */
    pull(commit: string): void {
      settle();
      pulled = commit;
    },
    pulled: () => pulled,
    running(environment: string): Deployment | undefined {
      settle();
      return of(environment).find(({ endedAt }) => endedAt === undefined);
    },
    /** By whoever: another pipeline, or a person in the Control Panel. `again`: the one that runs is the answer. */
    deploy(environment: string, mode = 'AUTO', changes: Partial<Course> = {}): Deployment | 'busy' {
      settle();
      const running = of(environment).find(({ endedAt }) => endedAt === undefined);
      if (running && busy === 'attach') return running;
      if (running && busy !== 'queue') return 'busy';
      made += 1;
      const deployment: Deployment = {
        ...{ uuid: uuidOf('dep', made), environment, mode, commit: pulled },
        course: { ...course(made), ...changes },
        ...{ startedAt: undefined, endedAt: undefined, variables: {} },
      };
      deployments.push(deployment);
      if (!running) begin(deployment, clock.now());
      return deployment;
    },
    /** One of the past, which began so long ago. */
    remember(
      environment: string,
      agoMs: number,
      lasted: number,
      ends: Course['ends'] = 'success',
    ): void {
      made += 1;
      const startedAt = clock.now() - agoMs;
      deployments.push({
        ...{ uuid: uuidOf('dep', made), environment, mode: 'AUTO', commit: older, variables: {} },
        course: { lasts: lasted, ends },
        ...{ startedAt, endedAt: startedAt + lasted },
      });
    },
    setVariable(environment: string, name: string, value: string, isSensitive: boolean): Variable {
      const variable = {
        uuid: uuidOf('var', variables.length),
        environment,
        name,
        value,
        isSensitive,
      };
      variables.push(variable);
      return variable;
    },
  };
}
export type World = ReturnType<typeof createWorld>;
