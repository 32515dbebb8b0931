/** `*` is any text, `?` one character, as in `hello-*` and `octo/*`; everything else stands for itself. */
export function globOf(pattern: string): (text: string) => boolean {
  // One pass, and never a regular expression of stars, which strangers' texts could slow down.
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  return (text) => {
    if (last === undefined) return text.length === first.length && fits(first, text, 0);
    if (text.length < first.length + last.length) return false;
    if (!fits(first, text, 0) || !fits(last, text, text.length - last.length)) return false;
    let from = first.length;
    for (const part of rest) {
      const at = find(part, text, from, text.length - last.length);
      if (at < 0) return false;
      from = at + part.length;
    }
    return true;
  };
}

const fits = (part: string, text: string, at: number): boolean =>
  part.split('').every((letter, index) => letter === '?' || letter === text[at + index]);

function find(part: string, text: string, from: number, end: number): number {
  for (let at = from; at + part.length <= end; at += 1) if (fits(part, text, at)) return at;
  return -1;
}

export const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => globOf(pattern)(text));

/** Repositories and environments: forges take `Octo/Hello` for `octo/hello`. */
export const matchesAnyCase = (patterns: readonly string[], text: string): boolean =>
  matchesAny(
    patterns.map((pattern) => pattern.toLowerCase()),
    text.toLowerCase(),
  );
