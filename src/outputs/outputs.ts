import { cardData, cardSequence, renderCard } from './card.ts';
import type { Destination } from './destinations.ts';
import { renderDotenv, renderGitlabReport, renderJson } from './dotenv.ts';
import { appendLines, codeOf, explainWrite, overwriteExisting, replaceFile } from './files.ts';
import { renderGithubOutput } from './github.ts';
import { renderHarnessEnv, renderHarnessOutputs } from './harness.ts';
import type { RunFacts, RunOutputs } from './run-outputs.ts';
import { renderConfigJson, renderTerminationMessage, reservedBySpinnaker } from './spinnaker.ts';
import { renderSummary } from './summary.ts';

export type OutputDeps = {
  /** Takes secrets out of a text. */
  redact(text: string): string;
  /** Writes to stdout, at the start of a line and in one piece, and waits for no reader. */
  writeAtColumnZero(text: string): void;
};

/**
 * Leaves a finished run's outputs wherever later steps and people look for them. Call it once a run: Drone takes one card
 * a step. Never rejects; what could not be written is said in the warnings, and does not stop the rest.
 */
export async function deliver(
  outputs: RunOutputs,
  facts: RunFacts,
  destinations: readonly Destination[],
  deps: OutputDeps,
): Promise<readonly string[]> {
  const run = { outputs: cleaned(outputs, deps), facts: cleanedFacts(facts, deps) };
  const warnings = await Promise.all(
    destinations.map((destination) => deliverTo(destination, run, deps)),
  );
  return warnings.flat().map((text) => deps.redact(text));
}

/** The line that a Spinnaker stage reads. To be called after everything else was said. */
export function sayLast(
  outputs: RunOutputs,
  destinations: readonly Destination[],
  deps: OutputDeps,
): void {
  if (!destinations.some(({ kind }) => kind === 'spinnaker')) return;
  deps.writeAtColumnZero(renderConfigJson(cleaned(outputs, deps)));
}

type Run = { readonly outputs: RunOutputs; readonly facts: RunFacts };

async function deliverTo(
  destination: Destination,
  run: Run,
  deps: OutputDeps,
): Promise<readonly string[]> {
  try {
    const lost = await write(destination, run, deps);
    return 'name' in destination ? lost.map((text) => `${destination.name}: ${text}`) : lost;
  } catch (error) {
    return [failureText(destination, error)];
  }
}

/** Writes, and says what could not be kept. */
async function write(to: Destination, run: Run, deps: OutputDeps): Promise<readonly string[]> {
  const { outputs, facts } = run;
  switch (to.kind) {
    case 'harness': {
      const { text, lost } = renderHarnessOutputs(outputs, to.path);
      await appendLines(to.path, text);
      return lost;
    }
    case 'harness-env': {
      const { text, lost } = renderHarnessEnv(outputs, to.path);
      await appendLines(to.path, text);
      return lost;
    }
    case 'github-output':
      await appendLines(to.path, renderGithubOutput(outputs));
      return [];
    case 'summary':
      await appendLines(to.path, renderSummary(outputs, facts));
      return [];
    case 'dotenv': {
      await replaceFile(to.path, renderDotenv(outputs));
      return [];
    }
    case 'gitlab-report': {
      const { text, lost } = renderGitlabReport(outputs);
      await replaceFile(to.path, text);
      return lost;
    }
    case 'json':
      await replaceFile(to.path, renderJson(outputs));
      return [];
    case 'card':
      return await writeCard(to, run, deps);
    case 'termination':
      return await writeTermination(to.path, facts.reason ?? outputs.get('description') ?? '');
    case 'spinnaker':
      return reservedBySpinnaker(outputs).map(
        (name) =>
          `Output ${name} is not passed to Spinnaker, which uses that name itself; rename it`,
      );
  }
}

async function writeCard(
  { path, schema }: { readonly path: string; readonly schema: string },
  { outputs, facts }: Run,
  deps: OutputDeps,
): Promise<readonly string[]> {
  const json = renderCard(deps.redact(schema), cardData(outputs, facts));
  if (json === undefined) {
    return [
      'there is no card, because card_schema is longer than 2000 bytes; host it at a shorter address',
    ];
  }
  if (path === '/dev/stdout') deps.writeAtColumnZero(cardSequence(json));
  else await replaceFile(path, json);
  return [];
}

async function writeTermination(path: string, reason: string): Promise<readonly string[]> {
  try {
    await overwriteExisting(path, renderTerminationMessage(reason));
  } catch (error) {
    // Only Kubernetes mounts it.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return [];
}

const losses: Readonly<Record<Exclude<Destination['kind'], 'spinnaker'>, string>> = {
  harness: 'later steps do not see the outputs of this run',
  'harness-env': 'later steps do not get the DEPLOYED_ variables',
  'github-output': 'later steps do not see the outputs of this run',
  summary: 'the job has no summary of this run',
  'gitlab-report': 'the outputs of this run are not in it',
  dotenv: 'the outputs of this run are not in it',
  json: 'the outputs of this run are not in it',
  card: 'the build page has no card of this run',
  termination: 'Spinnaker shows no reason (or set terminationMessagePolicy: FallbackToLogsOnError)',
};

function failureText(destination: Destination, error: unknown): string {
  if (destination.kind === 'spinnaker') return `Outputs for Spinnaker failed: ${codeOf(error)}`;
  const { why, cure } = explainWrite(error);
  const { name, path, kind } = destination;
  return `${name} was not written to ${path}: ${why}, so ${losses[kind]}; ${cure}`;
}

const cleaned = (outputs: RunOutputs, deps: OutputDeps): RunOutputs =>
  new Map([...outputs].map(([name, value]) => [name, deps.redact(value.toWellFormed())]));

const cleanedFacts = (facts: RunFacts, deps: OutputDeps): RunFacts => {
  const texts = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'string' ? deps.redact(value.toWellFormed()) : value,
  ]);
  return Object.fromEntries(texts) as RunFacts;
};
