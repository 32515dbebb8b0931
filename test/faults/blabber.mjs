/** A deploy script that prints every secret it was given, in every form that programs write. */
import { appendFileSync } from 'node:fs';

const secrets = Object.entries(process.env).filter(([name]) => name.startsWith('SECRET_'));
const pause = () => new Promise((resolve) => setTimeout(resolve, 15));
/** What a program takes out of a service account, a cookie or a header. */
function piecesOf(value) {
  try {
    return Object.values(JSON.parse(value));
  } catch {
    return value.includes(';') ? value.split(/[;=\s]+/) : [];
  }
}
const say = (text) => new Promise((resolve) => process.stdout.write(text, resolve));

for (const [name, value] of secrets) {
  await say(`${name} ${value}\n`);
  for (const lead of ['', 'u', 'u:', 'user:']) {
    const all = Buffer.from(`${lead}${value}`);
    const whole = Buffer.from(`${lead}${value}@and more`);
    for (const form of ['base64', 'base64url']) {
      await say(`${all.toString(form)}\n${whole.toString(form)} `);
    }
  }
  await say(`${Buffer.from(value).toString('base64').replace(/.{76}/g, '$&\n')}\n`);
  await say(
    `${encodeURIComponent(value)} ${encodeURI(value)} ${new URLSearchParams({ q: value })}\n`,
  );
  await say(`${JSON.stringify({ name, value })} ${JSON.stringify(JSON.stringify({ value }))}\n`);
  await say(`${Buffer.from(JSON.stringify({ name, value })).toString('base64')}\n`);
  for (const cut of [1, 3, value.length >> 1, value.length - 1]) {
    await say(value.slice(0, cut));
    await pause();
    process.stderr.write(value.slice(cut));
    await pause();
    await say('\n');
  }
  for (const piece of piecesOf(value)) {
    await say(`\npiece: ${piece}\nof it: ${Buffer.from(piece).toString('base64')}\n`);
  }
  const line = value.split('\n').join(' ');
  appendFileSync(
    process.env.SLIPWAY_OUTPUT,
    `${name}=${line}\nB64_${name}=${Buffer.from(value).toString('base64')}\n`,
  );
  appendFileSync(process.env.SLIPWAY_OUTPUT, `description=deployed with ${line}\n`);
  appendFileSync(
    process.env.SLIPWAY_OUTPUT,
    `environment_url=https://shop.example.com/?t=${encodeURIComponent(value)}\n`,
  );
}
process.exitCode = Number(process.env.EXIT);
