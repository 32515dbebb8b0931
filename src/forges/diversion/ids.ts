import { RemoteError } from '../../errors.ts';

// Vendor's examples have numbers and UUIDs: `dv.commit.123456`, `dv.commit.350e1bc3-52dc-4659-9817-7ce8f3fdf628`.
const id = (kind: string): RegExp => new RegExp(`^dv\\.${kind}\\.[\\w-]{1,110}$`);
const commit = id('commit');
const branch = id('branch');
const tag = id('tag');

/** Counted in each repository, and no hash of anything. */
export const isCommitId = (text: string): boolean => commit.test(text);
export const isBranchId = (text: string): boolean => branch.test(text);
export const isTagId = (text: string): boolean => tag.test(text);

/** A commit's id in an answer; anything else is no answer. */
export function commitIn(value: unknown): string {
  if (typeof value === 'string' && isCommitId(value)) return value;
  throw new RemoteError('Diversion named a commit that is none', { kind: 'unavailable' });
}
