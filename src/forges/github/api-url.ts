const publicApi = 'https://api.github.com';

/** Where GitHub's REST API is: what the author wrote, else what the repository's host tells. */
export function apiUrlOf(written: string | undefined, repoUrl: string | undefined): string {
  const base = written?.replace(/\/+$/, '');
  // drone-status took an endpoint, and people wrote the address that they see in the browser.
  if (base) return isPublicSite(base) ? publicApi : base;
  if (!repoUrl || !URL.canParse(repoUrl)) return publicApi;
  const { protocol, host, hostname } = new URL(repoUrl);
  if (isPublicSite(repoUrl) || host === '') return publicApi;
  if (hostname.endsWith('.ghe.com')) return `https://api.${hostname}`;
  return `${protocol === 'http:' ? 'http:' : 'https:'}//${host}/api/v3`;
}

const isPublicSite = (url: string): boolean =>
  URL.canParse(url) && /^(?:www\.)?github\.com$/.test(new URL(url).hostname);

/** GitHub Enterprise Server serves GraphQL beside `/api/v3`, the others below their base. */
export const graphqlUrlOf = (apiUrl: string): string =>
  apiUrl.endsWith('/api/v3') ? apiUrl.replace(/v3$/, 'graphql') : `${apiUrl}/graphql`;

/** Where people look at what the API serves. */
export function webUrlOf(apiUrl: string): string {
  if (apiUrl.endsWith('/api/v3')) return apiUrl.slice(0, -'/api/v3'.length);
  return apiUrl.replace(/^(https?:\/\/)api\.(?=github\.com$|[^/]+\.ghe\.com$)/, '$1');
}
