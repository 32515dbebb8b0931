import type { ForgeState, Patience } from '../forge.ts';
import type { Github } from './client.ts';
import type { Purpose } from './explain.ts';
import { demandMade } from './shape.ts';
import { shorten } from './text.ts';

export type DeploymentStatus = {
  readonly state: ForgeState;
  readonly description: string;
  readonly link: string | undefined;
  readonly environmentUrl?: string | undefined;
  readonly autoInactive?: boolean | undefined;
};

const purpose: Purpose = {
  lost: 'status not delivered',
  needs: 'deployments: write',
  scope: 'repo_deployment',
};

/** `environment` is never sent: it would rename the deployment's. */
export async function postStatus(
  github: Github,
  id: string,
  status: DeploymentStatus,
  patience: Patience,
): Promise<void> {
  const { state, description, link, environmentUrl, autoInactive } = status;
  const reply = await github.rest({
    ...patience,
    method: 'POST',
    path: `/deployments/${id}/statuses`,
    body: {
      state,
      description: shorten(description),
      ...(link ? { log_url: link } : {}),
      ...(environmentUrl ? { environment_url: environmentUrl } : {}),
      ...(autoInactive === undefined ? {} : { auto_inactive: autoInactive }),
    },
    purpose: { ...purpose, thing: `deployment ${id}` },
  });
  demandMade(reply, `status of deployment ${id}`);
}
