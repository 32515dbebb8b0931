import { createHash } from 'node:crypto';
import type { Links } from '../links.ts';
import { script } from './script.ts';
import { style } from './style.ts';

export type Asset = { readonly path: string; readonly type: string; readonly text: string };

const assetOf = (name: string, end: string, type: string, text: string): Asset => ({
  // The address changes with the text, so that browsers may keep it for good.
  path: `/assets/${name}.${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${end}`,
  type,
  text,
});

export const assetsOf = () => ({
  style: assetOf('page', 'css', 'text/css', style),
  script: assetOf('page', 'js', 'text/javascript', script),
});

export const addressesOf = (
  { style: css, script: js }: ReturnType<typeof assetsOf>,
  links: Links,
) => ({ style: links.page(css.path), script: links.page(js.path) });
