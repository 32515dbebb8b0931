import { workspace } from '../../src/checkout/workspace.ts';
import { testCheckout } from './contract.ts';

testCheckout('workspace', {
  entry: workspace,
  source: async () => ({ settings: {}, close: async () => {} }),
});
