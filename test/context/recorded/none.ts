import { head, type Recorded } from '../reading.ts';

export const builds = {
  laptop: { env: { HOME: '/home/mona', PATH: '/usr/bin', USER: 'mona', DRONE: '' }, head },
} satisfies Record<string, Recorded>;
