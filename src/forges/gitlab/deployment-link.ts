const parameter = 'slipway_deployment';
const inLink = new RegExp(`[?&]${parameter}=(\\d{1,18})(?=[&#]|$)`);

/** GitLab's deployments hold no text of ours, so the commit status that goes with one says which it is. */
export function withDeployment(
  link: string | undefined,
  id: string | undefined,
  longest: number,
): string | undefined {
  if (!link || id === undefined || inLink.test(link)) return link;
  const [page = '', ...fragment] = link.split('#');
  const hash = fragment.length > 0 ? `#${fragment.join('#')}` : '';
  const named = `${page}${page.includes('?') ? '&' : '?'}${parameter}=${id}${hash}`;
  return named.length > longest ? link : named;
}

export const deploymentIn = (link: string | undefined): string | undefined =>
  inLink.exec(link ?? '')?.[1];
