/** `node examples/picture.ts`: runs the demo and draws what it printed into docs/run.svg. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const { stdout, status } = spawnSync(process.execPath, [path.join(root, 'examples/demo.ts')], {
  encoding: 'utf8',
  env: { ...process.env, FORCE_COLOR: '1' },
});
if (status !== 0) throw new Error(`the demo failed:\n${stdout}`);

const lines = stdout.trim().split('\n');
const [line, column, margin] = [19, 7.83, 22];
const width = Math.max(...lines.map((text) => stripVTControlCharacters(text).length));
const size = [Math.ceil(width * column) + 2 * margin, lines.length * line + 2 * margin];
const colours: Readonly<Record<string, string>> = {
  1: 'font-weight="bold" fill="#ffffff"',
  2: 'fill="#7d8996"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  33: 'fill="#e3b341"',
  36: 'fill="#79c0ff"',
};

/** Spaces would be drawn as one. */
const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`).replaceAll(' ', '\u00a0');

let style = '';
function drawLine(text: string, row: number): string {
  // A colour may go on over the end of a line.
  const parts = text.split(/\u001b\[(\d+)m/);
  const spans = parts.map((part, at) => {
    if (at % 2 === 1) style = colours[part] ?? '';
    return at % 2 === 1 || part === '' ? '' : `<tspan ${style}>${escaped(part)}</tspan>`;
  });
  return `<text x="${margin}" y="${margin + 15 + row * line}">${spans.join('')}</text>`;
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" width="${size[0]}" height="${size[1]}" role="img" aria-label="Output of npm run demo">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#c9d1d9">
${lines.map(drawLine).join('\n')}
</g>
</svg>
`;
writeFileSync(path.join(root, 'docs/run.svg'), svg);
console.log(`docs/run.svg: ${lines.length} lines`);
