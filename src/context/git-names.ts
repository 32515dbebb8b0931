const sha = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;

/** 40 or 64 hex in lower case; anything else cannot carry a status. All zeros mean a deleted branch. */
export function fullSha(text: string | undefined): string | undefined {
  const isFull = text !== undefined && sha.test(text);
  return isFull && !/^0+$/.test(text) ? text.toLowerCase() : undefined;
}

/** Diversion's id of a commit; anything else is none. */
export const diversionCommit = (text: string | undefined): string | undefined =>
  text !== undefined && /^dv\.commit\.[\w-]{1,110}$/.test(text) ? text : undefined;

/** `refs/heads/main` and `refs/tags/v1` short. A pull request's ref, HEAD or a sha is neither branch nor tag. */
export function branchOrTag(text: string | undefined): string | undefined {
  const short = text?.replace(/^refs\/(heads|tags)\//, '');
  if (!short || short === 'HEAD' || short.startsWith('refs/')) return undefined;
  return sha.test(short) ? undefined : short;
}

/** Whether a ref names the head or the merge of a pull request. */
export const isPullRef = (text: string | undefined): boolean =>
  /^refs\/(pull|pull-requests|merge-requests)\//.test(text ?? '');
