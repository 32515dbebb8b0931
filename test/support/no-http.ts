import type { Http } from '../../src/http/http.ts';

const refuse = (): never => {
  throw new Error('this target was to make no requests');
};

/** The network of a target that needs none. */
export const noHttp: Http = {
  request: async () => refuse(),
  socket: async () => refuse(),
  trusting: () => noHttp,
  close: () => {},
};
