import type { Token } from '../../deployments/config.ts';
import type { Links } from '../links.ts';
import { type Html, html } from './html.ts';

/** Who looks, and what every page needs to know. */
export type Frame = {
  readonly links: Links;
  readonly now: number;
  readonly viewer: { readonly token: Token; readonly seal: string } | undefined;
  readonly assets: { readonly style: string; readonly script: string };
};

type Page = {
  readonly title: string;
  readonly body: Html;
  /** Seconds until a browser without JavaScript asks again. */
  readonly reload?: number | undefined;
};

export const layout = ({ links, viewer, assets }: Frame, { title, body, reload }: Page): Html =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} &middot; Slipway</title>
<link rel="stylesheet" href="${assets.style}">
<link rel="icon" href="data:,">
<script src="${assets.script}" defer></script>
${reload === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${reload}"></noscript>`}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="bar">
<a class="brand" href="${links.page('/')}">${mark}Slipway</a>
${viewer && signedIn(viewer, links)}
</header>
<main id="main">
${body}
</main>
</body>
</html>
`;

const mark = html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M3 20 21 11M12 4v8M12 4l5 6M6 12.5h11" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

const signedIn = ({ token, seal }: NonNullable<Frame['viewer']>, links: Links): Html => html`
<form class="who" method="post" action="${links.page('/logout')}">
<input type="hidden" name="seal" value="${seal}">
<span class="name">${token.name}</span>
<button class="plain">Sign out</button>
</form>`;
