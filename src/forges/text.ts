/** The same for a server that counts as JavaScript does: a character beyond the first plane is two. */
export function shortenUnits(text: string, longest: number): string {
  const line = shorten(text, longest);
  return line.length <= longest
    ? line
    : `${line
        .slice(0, longest - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
}

/** One line of at most so many characters, cut between code points. */
export function shorten(text: string, longest: number): string {
  const points = [...text.toWellFormed().replace(/\s+/g, ' ').trim()];
  return points.length <= longest ? points.join('') : `${points.slice(0, longest - 1).join('')}…`;
}
