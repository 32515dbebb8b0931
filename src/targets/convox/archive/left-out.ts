import { type ByteText, shown } from './byte-text.ts';

/** What the archive does not have although nobody asked for that: counted by kind, with a few names. */
export function createLeftOut() {
  const kinds = new Map<string, { count: number; readonly names: ByteText[] }>();
  return {
    add(name: ByteText, kind: string): void {
      const { count, names } = kinds.get(kind) ?? { count: 0, names: [] };
      if (count < mostNames) names.push(name);
      kinds.set(kind, { count: count + 1, names });
    },
    /** One line for each kind. */
    tell(warn: (text: string) => void): void {
      for (const [kind, { count, names }] of kinds) {
        const more = count > names.length ? [`and ${count - names.length} more`] : [];
        const list = [...names.map(shown), ...more].join(', ');
        warn(`The archive leaves out ${kind}: ${list}`);
      }
    },
  };
}

const mostNames = 5;
