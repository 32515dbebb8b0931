import type { SpinnakerValues } from './settings.ts';

/** Where people see an execution, or all of them: in the UI where its address is known, else as Gate's JSON. */
export function linkTo(
  values: Pick<SpinnakerValues, 'spinnakerUiUrl' | 'spinnakerApplication'>,
  gate: string,
  execution?: string,
): string {
  // People copy the address of a page of it.
  const ui = values.spinnakerUiUrl?.replace(/\/*(?:[?#].*)?$/, '') ?? uiBeside(gate);
  const application = encodeURIComponent(values.spinnakerApplication);
  const id = execution && encodeURIComponent(execution);
  if (ui !== undefined) {
    return `${ui}/#/applications/${application}/executions${id ? `/details/${id}` : ''}`;
  }
  return id ? `${gate}/pipelines/${id}` : `${gate}/applications/${application}/pipelines`;
}

/** The usual places of Gate tell of the UI's: below it, on a host of its own, or on a port of its own. */
function uiBeside(gate: string): string | undefined {
  const url = new URL(gate);
  if (/^\/(?:gate|api\/v1)$/.test(url.pathname)) return url.origin;
  if (url.pathname !== '/') return undefined;
  const domain = /^(?:spin-)?gate\.(.+\..+)$/.exec(url.host)?.[1];
  if (domain) return `${url.protocol}//${domain}`;
  if (url.port !== '8084') return undefined;
  url.port = '9000';
  return url.origin;
}
