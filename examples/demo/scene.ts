import type { FakeGithub } from '../../test/support/github/fake-github.ts';

export type Status = ReturnType<FakeGithub['statusesOf']>[number];
type Promises = Readonly<Record<string, boolean>>;

/** What one target brings to the demo: where it deploys to, and what is promised of it. */
export type Scene = {
  /** The step's settings as YAML, but for those of GitHub. */
  readonly settings: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Where the site serves. */
  readonly url: string;
  /** Once the step is over: a title, and lines on what was deployed. */
  look(): Promise<{ readonly title: string; readonly lines: readonly string[] }>;
  /** After `look`: on what was deployed, and on what GitHub was told last. */
  deployed(): Promises;
  told(last: Status | undefined): Promises;
  close(): Promise<void>;
};
export type Stage = (sha: string, folder: string) => Promise<Scene>;
