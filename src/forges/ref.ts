/** A branch or tag as forges name it: authors may write `refs/heads/main`. */
export const shortRef = (ref: string): string => ref.replace(/^refs\/(?:heads|tags)\//, '');

export const isTagRef = (ref: string): boolean => ref.startsWith('refs/tags/');
