import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

export function loginPage(frame: Frame, next: string, fault: string | undefined): Html {
  const body = html`
<div class="login">
<h1>Sign in</h1>
<p>With a token of slipway.yml that may read. The browser keeps a session for twelve hours, never the token.</p>
${fault && html`<p class="fault" role="alert">${fault}</p>`}
<form method="post" action="${frame.links.page('/login')}">
<input type="hidden" name="next" value="${next}">
<label>Token<input type="password" name="token" required autofocus autocomplete="current-password" spellcheck="false"></label>
<button>Sign in</button>
</form>
</div>`;
  return layout(frame, { title: 'Sign in', body });
}

export function faultPage(frame: Frame, title: string, message: string): Html {
  const body = html`
<div class="empty">
<h1>${title}</h1>
<p>${message}</p>
<p><a href="${frame.links.page('/')}">See all runs</a></p>
</div>`;
  return layout(frame, { title, body });
}

/**
 * A link from elsewhere comes without our cookie, which browsers send only from our own pages. So this is one, and goes
 * on at once.
 */
export const bouncePage = (address: string): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=${address}">
<title>Slipway</title>
</head>
<body><p><a href="${address}">Go on</a></p></body>
</html>
`;
