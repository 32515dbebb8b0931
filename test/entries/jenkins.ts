import { spawnSync } from 'node:child_process';
import path from 'node:path';

type Settings = Readonly<Record<string, unknown>>;
export type Step = {
  readonly settings: Settings;
  readonly variables: readonly string[];
  readonly script: string;
};

const harness = path.join(import.meta.dirname, 'jenkins.groovy');
const step = path.join(import.meta.dirname, '../../entries/jenkins/vars/slipway.groovy');

/**
 * What the step gets from a Jenkinsfile and hands to `withEnv` and `sh`, in Groovy 2.4 as Jenkins has it; throws what it
 * hands to `error`. SETTINGS in the Jenkinsfile are `settings`.
 */
export function called(jenkinsfile: string, settings: Settings = {}): Step {
  const env = { ...process.env, SETTINGS: JSON.stringify(settings) };
  const ran = spawnSync('groovy', [harness, step], { input: jenkinsfile, env, encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`groovy: ${ran.error?.message ?? ran.stderr}`);
  const { error, ...told } = JSON.parse(ran.stdout);
  if (error !== undefined) throw new Error(error);
  return told;
}

/** As `withEnv` sets what it is given: a variable that is known is replaced, and two dollars are one. */
export function environmentOf(
  variables: readonly string[],
  known: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs = variables.map((each) => {
    const [, name = '', value = ''] = /^([A-Z_]+)=([\s\S]*)$/.exec(each) ?? [];
    const filled = value.replace(/\$(\$|\w+|\{[\w.]+\})/g, (whole, text: string) =>
      text === '$' ? '$' : (known[text.replace(/[{}]/g, '')] ?? whole),
    );
    return [name, filled];
  });
  return Object.fromEntries(pairs);
}
