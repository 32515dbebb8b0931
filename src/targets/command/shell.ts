import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../../programs.ts';

export type Shell = { readonly file: string; readonly args: readonly string[] };

/** `/bin/sh -e`, in words; undefined when the program is not there. */
export function findShell(setting: string, path: string | undefined): Shell | undefined {
  const [name = '', ...args] = setting.trim().split(/\s+/);
  const file = findProgram(name, path);
  return file === undefined ? undefined : { file, args };
}

// Linux takes 128 KiB for one argument.
const longestArgument = 120 * 1024;

/** The arguments that make the shell run the script, or why it has nowhere to stand. */
export function scriptArguments(
  { args }: Shell,
  script: string,
  folder: string | undefined,
): readonly string[] | string {
  if (Buffer.byteLength(script) <= longestArgument) {
    // A script that begins like an option would be taken for one.
    return [...args, '-c', /^[-+]/.test(script) ? `\n${script}` : script];
  }
  const long = 'The script is too long for an argument (120 KiB)';
  if (!folder) return `${long}, and no folder can be written; mount one and set TMPDIR to it`;
  const file = join(folder, 'script');
  try {
    writeFileSync(file, script, { mode: 0o600 });
    return [...args, file];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return `${long}, and cannot be written to ${dirname(folder)} (${code}); make room there, or set TMPDIR to another folder`;
  }
}
