import { registerHooks } from 'node:module';

// Its modules import JSON without saying so, which bundlers take and Node does not.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { parseAction } = await import('@actions/workflow-parser/actions/index');
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');

const trace = new NoOperationTraceWriter();
const errorsOf = ({ context }: ReturnType<typeof parseAction>): string[] =>
  context.errors.getErrors().map(({ message }) => message);

/** What GitHub's own parser holds against an action's manifest. */
export const faultsInAction = (content: string): string[] =>
  errorsOf(parseAction({ name: 'action.yml', content }, trace));

/** What it holds against a workflow. */
export const faultsInWorkflow = (content: string): string[] =>
  errorsOf(parseWorkflow({ name: 'workflow.yml', content }, trace));
