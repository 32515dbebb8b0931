/** One line of at most so many characters, cut between code points. */
export function shorten(text: string, longest: number): string {
  const points = [...text.toWellFormed().replace(/\s+/g, ' ').trim()];
  return points.length <= longest ? points.join('') : `${points.slice(0, longest - 1).join('')}…`;
}
