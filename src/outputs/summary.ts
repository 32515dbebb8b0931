import { durationText } from '../duration.ts';
import { outcomeText, type RunFacts, type RunOutputs, titleOf } from './run-outputs.ts';
import { singleLine } from './text.ts';

/** Markdown job summary: one small table. */
export function renderSummary(outputs: RunOutputs, facts: RunFacts): string {
  const output = (name: string): string => outputs.get(name) ?? '';
  const id = output('deployment_id');
  const rows: readonly (readonly [string, string])[] = [
    ['Outcome', `**${escaped(outcomeText(outputs))}**`],
    ['Environment', escaped(output('environment'))],
    ['Repository', escaped(facts.repo ?? '')],
    ['Commit', escaped([output('commit').slice(0, 12), facts.ref].filter(Boolean).join(' of '))],
    ['Deployment', facts.deploymentUrl ? link(facts.deploymentUrl, id || 'open') : escaped(id)],
    ['Serves at', link(output('environment_url'))],
    ['At the service', link(output('control_panel_url'))],
    ['Log', link(output('log_url'))],
    ['Duration', escaped(durationText(facts.durationMs))],
    ['Reason', escaped(facts.reason ?? output('description'))],
  ];
  const table = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `| ${name} | ${value} |`);
  return [
    `### ${escaped(titleOf(outputs, facts))}`,
    '',
    '| | |',
    '|---|---|',
    ...table,
    '',
    '',
  ].join('\n');
}

/** Text that Markdown and HTML show as it is: everything that could mean something goes as an entity. */
const escaped = (text: string): string =>
  shortened(singleLine(text)).replace(/[!-+:-@[-`{-~]/g, (char) => `&#${char.charCodeAt(0)};`);

const shortened = (text: string): string => {
  const points = [...text];
  return points.length > 1000 ? `${points.slice(0, 1000).join('')}…` : text;
};

function link(url: string, text = url): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return escaped(url);
  const href = new URL(url).href.replace(/[<>|()\\`]/g, encodeURIComponent).replace(/[()]/g, hex);
  return `[${escaped(text)}](<${href}>)`;
}
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16)}`;
