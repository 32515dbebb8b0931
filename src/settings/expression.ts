/**
 * The first expression that nobody resolved, such as `${x}` or `<+x>`. By hand: a regular expression would look for the
 * end of each of a stranger's thousands of beginnings.
 */
export function expressionIn(
  text: string,
  [open, close]: readonly [string, string] = ['${', '}'],
): string | undefined {
  const start = text.indexOf(open);
  const end = start < 0 ? -1 : text.indexOf(close, start + open.length);
  return end < 0 ? undefined : text.slice(start, end + close.length);
}
