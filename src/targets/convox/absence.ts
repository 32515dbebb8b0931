import type { Rack } from './rack.ts';
import type { ConvoxValues } from './settings.ts';

/** What is wrong with convox_app, where the rack does not know it. */
export const noApp = (rack: Rack, { convoxApp }: ConvoxValues): string =>
  `names no app that ${rack.name()} has: ${convoxApp}; check convox_rack too, or set convox_create_app`;

export const noRelease = ({ convoxApp, convoxRelease }: ConvoxValues): string =>
  `names no release of the app ${convoxApp}: ${convoxRelease}`;
