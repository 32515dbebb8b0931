import { envName, yamlName } from '../../define.ts';
import { allSettings, inputText, type Owner } from '../owner.ts';

/** A setting as the entry of a CI system offers it. */
export type Input = {
  readonly name: string;
  /** `PLUGIN_X`, under which Slipway reads it. */
  readonly variable: string;
  readonly about: string;
  readonly kind: string;
  /** Never an input, but where its host has no other way: the store of the CI system sets the variable. */
  readonly secret: boolean;
  /** A script, in which the CI system must not replace variables of its own. */
  readonly script: boolean;
};

export const inputsOf = (owners: readonly Owner[]): readonly Input[] =>
  allSettings(owners).map(([key, setting]) => ({
    name: yamlName(key),
    variable: envName(key),
    about: inputText(setting),
    kind: setting.is.kind,
    secret: setting.secret ?? false,
    script: setting.is.template ?? false,
  }));

export const open = (inputs: readonly Input[]): readonly Input[] =>
  inputs.filter(({ secret }) => !secret);

export const variablesOf = (inputs: readonly Input[]): readonly string[] =>
  inputs.map(({ variable }) => variable);
