import { Refusal } from './refusal.ts';

const MOST = 100;
const USUAL = 30;

/** Cuts lists into pages and remembers the `Link` header of the last cut. */
export function createPager(url: URL) {
  const size = positive(url, 'per_page', USUAL);
  const page = positive(url, 'page', 1);
  if (size > MOST) throw new Refusal(422, `per_page is at most ${MOST}`, { violation: true });
  let link: string | undefined;
  return {
    cut<T>(all: readonly T[]): readonly T[] {
      const last = Math.max(1, Math.ceil(all.length / size));
      link = linkHeader(url, page, last);
      return all.slice((page - 1) * size, page * size);
    },
    headers: (): Record<string, string> => (link ? { link } : {}),
  };
}

function positive(url: URL, name: string, otherwise: number): number {
  const value = Number(url.searchParams.get(name) ?? otherwise);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

function linkHeader(url: URL, page: number, last: number): string | undefined {
  const to = (number: number, rel: string): string => {
    const other = new URL(url);
    other.searchParams.set('page', String(number));
    return `<${other}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [to(page - 1, 'prev'), to(1, 'first')] : []),
    ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
  ];
  return links.length > 0 ? links.join(', ') : undefined;
}
