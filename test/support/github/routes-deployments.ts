import {
  addDeploymentStatus,
  createDeployment,
  type DeploymentBody,
  deleteDeployment,
  findDeployment,
  listDeployments,
  type StatusBody,
} from './deployments.ts';
import { notFound } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { showDeployment, showDeploymentStatus } from './views.ts';
import type { Deployment } from './world.ts';

const ALL = '/repos/{owner}/{repo}/deployments';
const ONE = `${ALL}/{deployment_id}`;

const named = ({ repo, params }: Call): Deployment =>
  findDeployment(repo, Number(params.deployment_id));

export const deploymentRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: ALL,
    needs: ['deployments', 'read'],
    serve({ repo, query, page, places }) {
      const found = listDeployments(repo, Object.fromEntries(query));
      return { status: 200, body: page(found).map((d) => showDeployment(repo, d, places)) };
    },
  },
  {
    method: 'POST',
    template: ALL,
    needs: ['deployments', 'write'],
    serve({ world, repo, body, login, places }) {
      const made = createDeployment(world, repo, body as DeploymentBody, login);
      if ('merged' in made) return { status: 202, body: { message: made.merged } };
      const shown = showDeployment(repo, made, places);
      return { status: 201, body: shown, headers: { location: shown.url } };
    },
  },
  {
    method: 'GET',
    template: ONE,
    needs: ['deployments', 'read'],
    serve: (call) => ({
      status: 200,
      body: showDeployment(call.repo, named(call), call.places),
    }),
  },
  {
    method: 'DELETE',
    template: ONE,
    needs: ['deployments', 'write'],
    serve(call) {
      deleteDeployment(call.repo, named(call));
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/statuses`,
    needs: ['deployments', 'read'],
    serve(call) {
      const deployment = named(call);
      const shown = call
        .page(deployment.statuses.toReversed())
        .map((status) => showDeploymentStatus(call.repo, deployment, status, call.places));
      return { status: 200, body: shown };
    },
  },
  {
    method: 'POST',
    template: `${ONE}/statuses`,
    needs: ['deployments', 'write'],
    serve(call) {
      const { world, repo, places, login } = call;
      const deployment = named(call);
      const made = addDeploymentStatus(world, repo, deployment, call.body as StatusBody, login);
      const shown = showDeploymentStatus(repo, deployment, made, places);
      return { status: 201, body: shown, headers: { location: shown.url } };
    },
  },
  {
    method: 'GET',
    template: `${ONE}/statuses/{status_id}`,
    needs: ['deployments', 'read'],
    serve(call) {
      const deployment = named(call);
      const found = deployment.statuses.find(({ id }) => id === Number(call.params.status_id));
      if (!found) throw notFound();
      const shown = showDeploymentStatus(call.repo, deployment, found, call.places);
      return { status: 200, body: shown };
    },
  },
];
