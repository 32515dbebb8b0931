import { defineCi } from './context.ts';

/** No CI system: a laptop, a cron job, a CI that is not known here. What to deploy is the settings' to say. */
export const none = defineCi({
  id: 'none',
  docs: '',
  variables: [],
  detect: () => true,
  read: () => ({}),
});
