import { type Facts, type Listed, type Patience, type RefKind, refKinds } from './facts.ts';

/** Branches and tags from which a commit may be reached. */
export type Wanted = {
  readonly commit: string;
  /** Names to look at first: exact ones, and what the caller has reason to believe. */
  readonly names: readonly string[];
  /** How the names of others start. */
  readonly starts: readonly string[];
  matches(name: string): boolean;
};

export type Reached =
  | { readonly from: string }
  /** `isCut`: not every branch and tag that matches was looked at. */
  | { readonly from: undefined; readonly looked: number; readonly isCut: boolean };

/** Comparisons of one run: each is a request, and a forge counts them. */
const mostCompared = 50;

/** From which branch or tag a commit can be reached, cheapest questions first. */
export async function reach(facts: Facts, wanted: Wanted, patience: Patience): Promise<Reached> {
  const { commit, names } = wanted;
  for (const name of names) {
    for (const kind of refKinds) {
      if (await isFrom(facts, kind, name, commit, patience)) return { from: `${kind} ${name}` };
    }
  }
  return reachListed(facts, wanted, patience);
}

/** Whether a commit can be reached from one branch or tag. */
export async function isFrom(
  facts: Facts,
  kind: RefKind,
  name: string,
  commit: string,
  patience: Patience,
): Promise<boolean> {
  const tip = await facts.tipOf(kind, name, patience);
  if (!tip) return false;
  return tip.commit === commit || facts.holds(tip.commit, commit, patience);
}

type Candidate = Listed & { readonly kind: RefKind };

async function reachListed(facts: Facts, wanted: Wanted, patience: Patience): Promise<Reached> {
  const { commit } = wanted;
  const { candidates, isCut } = await candidatesOf(facts, wanted, patience);
  const known = candidates.find((each) => each.holds || each.commit === commit);
  if (known) return { from: `${known.kind} ${known.name}` };
  const compared = candidates.filter((each) => !each.holds).slice(0, mostCompared);
  for (const { kind, name, commit: tip } of compared) {
    const holds = tip
      ? await facts.holds(tip, commit, patience)
      : await isFrom(facts, kind, name, commit, patience);
    if (holds) return { from: `${kind} ${name}` };
  }
  return {
    from: undefined,
    looked: wanted.names.length + compared.length,
    isCut: isCut || compared.length < candidates.length,
  };
}

async function candidatesOf(
  facts: Facts,
  { starts, names, matches, commit }: Wanted,
  patience: Patience,
): Promise<{ readonly candidates: readonly Candidate[]; readonly isCut: boolean }> {
  const found = new Map<string, Candidate>();
  let isCut = false;
  for (const kind of refKinds) {
    for (const start of starts) {
      const listing = await facts.list(kind, start, commit, patience);
      isCut ||= listing.isCut;
      // Lists go by name, and of tags the last is most often the newest.
      const refs = kind === 'tag' ? listing.refs.toReversed() : listing.refs;
      for (const ref of refs) {
        if (!matches(ref.name) || names.includes(ref.name)) continue;
        found.set(`${kind} ${ref.name}`, { ...ref, kind });
      }
    }
  }
  return { candidates: [...found.values()], isCut };
}
