export type RepoUrl = {
  /** Host of the forge, with its port where the link is http. */
  readonly host: string;
  /** `owner/name`; undefined where the path does not say it (Azure Repos, Bitbucket Data Center). */
  readonly repo: string | undefined;
  /** Link for people. */
  readonly url: string;
};

const noRepo = /(^|\/)_git\/|^scm\/[^/]+\/|^v3\/.*\/.*\//;

/** Reads what `git clone` takes: https, ssh, and `git@host:owner/name.git`. Never returns user or password. */
export function parseRepoUrl(text: string | undefined): RepoUrl | undefined {
  const link = parseUrl(text) ?? parseUrl(scpAsUrl(text));
  if (!link || !/^(https?|ssh|git|git\+ssh):$/.test(link.protocol) || !link.host) return undefined;
  const isWeb = link.protocol.startsWith('http');
  // A port of ssh is not the web server's; ssh.github.com is how ssh passes firewalls.
  const host = isWeb ? link.host : link.hostname.replace(/^ssh\.(?=github\.com$)/, '');
  const path = link.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const isRepo = /^[^/]+(\/[^/]+)+$/.test(path) && !noRepo.test(path);
  return {
    host,
    repo: isRepo ? path : undefined,
    url: `${isWeb ? link.protocol : 'https:'}//${host}/${path}`,
  };
}

/** `git@host:path` has no scheme. Without a user it may be an alias of ~/.ssh/config, so a dot must tell a host. */
function scpAsUrl(text: string | undefined): string | undefined {
  const [, user, host, path] =
    /^(?:([^@/:\s]+)@)?([^@/:\s]+):(?!\/\/)(\S+)$/.exec(text ?? '') ?? [];
  return host && (user || host.includes('.')) ? `ssh://${host}/${path}` : undefined;
}

function parseUrl(text: string | undefined): URL | undefined {
  const url = text?.includes('://') ? URL.parse(text) : null;
  return url ?? undefined;
}

/** A web link without user and password; undefined for anything else. */
export function publicUrl(text: string | undefined): string | undefined {
  const url = parseUrl(text);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  if (!url.username && !url.password) return text;
  url.username = '';
  url.password = '';
  return url.href;
}

export const hostOf = (url: string | undefined): string | undefined =>
  parseUrl(url)?.host || undefined;
