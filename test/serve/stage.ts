import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DeployService, type Manners, startDeployService } from '../support/deploy-service.ts';
import { type Caller, createCaller } from './caller.ts';
import { deployToken, openServer, type Server, type ServerSetting } from './server.ts';

export const commit = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d';

/** One server, the service that deploys for it, and somebody who calls it. */
export type Stage = Server & Caller & { readonly service: DeployService };

const text = `
tokens:
  - { name: ci, value: { env: CI_TOKEN }, may: [deploy, read], deployments: ["*"] }
deployments:
  - name: by-webhook
    repository: octo/hello
    environment: production
    target: webhook
    settings: { report: none, webhook_interval: "1" }
    secrets: { webhook_url: { env: DEPLOY_URL }, webhook_token: { env: DEPLOY_TOKEN } }
  - name: by-command
    repository: octo/hello
    environment: staging
    target: command
    settings:
      report: none
      command: echo at work; sleep 60
`;

export const onStage = (
  play: (stage: Stage) => Promise<void>,
  manners: Manners = {},
  setting: Partial<ServerSetting> = {},
): Promise<void> => onStages(1, ([stage]) => play(stage as Stage), manners, setting);

/** Replicas: each with a folder and an address of its own. */
export async function onStages(
  count: number,
  play: (stages: readonly Stage[]) => Promise<void>,
  manners: Manners = {},
  setting: Partial<ServerSetting> = {},
): Promise<void> {
  const service = await startDeployService({ token: deployToken, ...manners });
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-serve-'));
  const stages: Stage[] = [];
  try {
    for (let number = 0; number < count; number += 1) {
      const own = mkdtempSync(path.join(folder, 'replica-'));
      const server = await openServer({ text, folder: own, service: service.url, ...setting });
      stages.push({ ...server, ...createCaller(server.url, server.log), service });
    }
    await play(stages);
  } finally {
    await Promise.all(stages.map((stage) => stage.kill('SIGKILL')));
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
