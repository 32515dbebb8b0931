import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const usual = '/usr/local/bin:/usr/bin:/bin';

/** Absolute path of a program; undefined when it is not there. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  const folders = (path || usual).split(delimiter).filter(isAbsolute);
  const candidates = name.includes('/') ? [name] : folders.map((folder) => join(folder, name));
  return candidates.find((candidate) => isAbsolute(candidate) && isProgram(candidate));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
