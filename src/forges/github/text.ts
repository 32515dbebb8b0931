/** The most that GitHub takes for a description. */
const longest = 140;

/** One line of at most 140 characters, cut between code points. */
export function shorten(text: string): string {
  const points = [...text.toWellFormed().replace(/\s+/g, ' ').trim()];
  return points.length <= longest ? points.join('') : `${points.slice(0, longest - 1).join('')}…`;
}
