import { parse } from 'yaml';
import { type Facts, mapTexts, springPass, transform } from '../orca.ts';
import type { Words } from './read.ts';

/** One entry of `webhook.preconfigured`. */
export type Definition = Words & {
  readonly type: string;
  readonly url: string;
  readonly method: string;
  readonly customHeaders: Readonly<Record<string, readonly string[]>>;
  readonly payload: string;
  readonly statusUrlJsonPath: string;
  readonly statusJsonPath: string;
  readonly progressJsonPath: string;
  readonly cancelEndpoint: string;
  readonly cancelMethod: string;
  readonly cancelPayload: string;
  readonly failFastStatusCodes: readonly number[];
};

/** What Orca knows once Spring has read its orca-local.yml. */
export function definitionsIn(
  yaml: string,
  environment: Readonly<Record<string, string>>,
): readonly Definition[] {
  const started = mapTexts(parse(yaml), (text) => springPass(text, environment)) as {
    readonly webhook: { readonly preconfigured: readonly Definition[] };
  };
  return started.webhook.preconfigured;
}

/** With every expression evaluated, as before a task of the stage runs. */
export const filled = (definition: Definition, facts: Facts): Definition =>
  mapTexts(definition, (text) => transform(text, facts)) as Definition;
