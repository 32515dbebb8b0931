import { isObject, matching } from '../../settings/rules.ts';

const steps = String.raw`(?:\.[A-Za-z_][\w-]*|\[(?:0|[1-9]\d{0,5})\]|\['[^'\\]*'\]|\["[^"\\]*"\])*`;

/** `$.a.b[0]['c d']`: members and indexes, nothing that searches. */
export const jsonPath = matching(
  new RegExp(`^\\$${steps}$`),
  'text',
  "must be a JSON path such as $.run.status or $.items[0]['state']",
);

/** A JSON path, or the header `location`. */
export const pathOrLocation = matching(
  new RegExp(`^(?:location|\\$${steps})$`),
  'text',
  'must be a JSON path such as $.status_url, or location for the header of that name',
);

const step = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g;

/** The value at the path; undefined where the path leads nowhere. */
export function valueAt(path: string, json: unknown): unknown {
  let value = json;
  for (const [, member, index, single, double] of path.matchAll(step)) {
    const key = member ?? single ?? double;
    if (key === undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
