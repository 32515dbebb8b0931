import type { Ending } from '../../ending.ts';
import type { Job, TargetDeps } from '../target.ts';
import type { Place, Service } from './service.ts';
import type { DivioValues } from './settings.ts';

/** What the steps of one deploy share. */
export type Deploying = {
  readonly job: Job;
  readonly service: Service;
  readonly values: DivioValues;
  readonly deps: TargetDeps;
  readonly ending: Ending;
  readonly place: Place;
  /** The application's page in the Control Panel. */
  readonly link: string;
};

/** A deployment at Divio that stands for ours. */
export type Begun = {
  readonly uuid: string;
  /** How often Divio had deployed another commit before. */
  readonly redeploys: number;
  /** How long good deployments of the environment took before, where that was read along. */
  readonly past?: readonly number[];
  /** Only when it began speaks for its being ours: whoever asked for it left no word. */
  readonly isGuess?: true;
};

/** What is written down before anything is changed: enough to find out later what Divio made of it. */
export type Asking = {
  readonly redeploys: number;
  /** Divio's time when we began to ask. */
  readonly since: number;
  /** Deployments that were there before. */
  readonly seen: readonly string[];
};
