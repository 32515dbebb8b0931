import { shorten as cut } from '../text.ts';

/** The most that GitHub takes for a description. */
export const shorten = (text: string): string => cut(text, 140);
