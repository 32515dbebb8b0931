import { placeOfCommit, wishForCommit } from '../forges/choice.ts';
import { createCommitReporter } from '../forges/commit-reporter.ts';
import { createForgeHttp } from '../forges/forge-http.ts';
import { checkGitea } from '../forges/gitea/check.ts';
import { createCommitStatuses } from '../forges/gitea/commit-statuses.ts';
import { giteaCredentials, giteaPlace } from '../forges/gitea/place.ts';
import { giteaSettings } from '../forges/gitea/settings.ts';
import { commitStatusSettings } from '../forges/settings.ts';
import type { Values } from '../settings/define.ts';
import type { Loaded } from '../settings/load.ts';
import type { ReporterEntry } from './reporter.ts';

const id = 'gitea';
const settings = { ...giteaSettings, ...commitStatusSettings };

export const gitea: ReporterEntry = {
  id,
  about: 'A status on the commit at Gitea or Forgejo.',
  forge: 'gitea',
  settings,
  credentials: giteaCredentials,
  auto: (loaded, order, verb) => wishForCommit(wantingOf(loaded), order, verb),
  open(loaded, order, deps) {
    const wanting = wantingOf(loaded);
    const place = placeOfCommit(wanting, order, deps.verb, () => giteaPlace(loaded, order));
    const forge = createForgeHttp(deps);
    return createCommitReporter({
      ...{ id, order, deps },
      statuses: createCommitStatuses(place, forge),
      statusContext: valuesOf(loaded).statusContext,
      check: (signal) => checkGitea(forge, place, { signal }),
    });
  },
};

const valuesOf = (loaded: Loaded) => loaded.values as Values<typeof settings>;

function wantingOf(loaded: Loaded) {
  const { giteaToken, giteaUrl } = valuesOf(loaded);
  const hasCredential = giteaToken !== undefined;
  const isNamed = giteaUrl !== undefined;
  return { id, title: 'Gitea', setting: 'gitea_token', hasCredential, isNamed } as const;
}
