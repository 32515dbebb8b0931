import { judgeSecrets } from '../deployments/judge.ts';
import { readSecrets } from '../deployments/secrets.ts';
import { summaryOf } from '../deployments/summary.ts';
import { type Fault, SettingsError } from '../errors.ts';
import type { Host } from '../host.ts';
import { exits } from '../outcome.ts';
import { openingOn } from './open-deployment.ts';
import { configFile, demandServer, placeOf, readOperator, readServer } from './operator.ts';
import { catalog } from './owners.ts';
import type { Flags } from './read.ts';

/** `serve --check-config`: reads everything that the server would, names every fault, starts nothing. */
export async function checkConfig(host: Host, flags: Flags): Promise<number> {
  const server = readServer(host, flags);
  const operator = readOperator(host, configFile(host, flags) ?? 'slipway.yml');
  const { config, file, reading } = operator;
  const faults = [...server.faults, ...demandServer(server.loaded), ...operator.faults];
  // Half a file names no secrets that anybody could be sure of.
  if (operator.faults.length === 0) {
    const publicUrl = server.values.publicUrl ?? 'https://slipway.example.com';
    const { secrets, faults: missing } = readSecrets(config, {
      env: host.env,
      readFile: reading.readFile,
    });
    const judged = judgeSecrets(config, secrets, catalog, reading, openingOn(host, publicUrl));
    faults.push(...[...missing, ...judged].map((fault) => inFile(file, fault)));
  }
  if (faults.length > 0) throw new SettingsError(faults);
  const warnings = operator.warnings.map((warning) => `warning: ${warning}`);
  await host.write(`${[...warnings, ...summaryOf(file, config)].join('\n')}\n`);
  return exits.ok.code;
}

const inFile = (file: string, { name, message }: Fault): Fault => ({
  name: placeOf(file, { line: 0, path: name }),
  message,
});
