/** `-e NAME`, a flag each: the value comes from the environment, so it stands in no command line and no log. */
export const passOn = (names: readonly string[]): readonly string[] =>
  names.map((name) => `-e ${name}`);

/** Flags on lines of 98 columns at most, which a backslash joins. */
export function wrapFlags(flags: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const flag of flags) {
    if (line.length + flag.length > 96) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${flag}`;
  }
  return [...lines, line].join(' \\\n');
}

/** Everything goes by name: what CI says, and the settings. */
export const dockerRun = (names: readonly string[]): string =>
  `docker run --rm -v "$PWD:/work" -w /work \\
${wrapFlags(passOn(names))} \\
  "$SLIPWAY_IMAGE"`;

/** For a script that is nothing else: a cancellation then reaches Docker, not a shell that waits for it. */
export const execDockerRun = (names: readonly string[]): string => `exec ${dockerRun(names)}`;
