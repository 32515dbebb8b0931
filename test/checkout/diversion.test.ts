import { diversion } from '../../src/checkout/diversion.ts';
import { fakeDiversion } from '../support/diversion/fake-diversion.ts';
import { testCheckout } from './contract.ts';
import { token } from './stage.ts';

testCheckout('diversion', {
  entry: diversion,
  async source() {
    const fake = await fakeDiversion({ token, files: { 'README.md': 'theirs', 'src/a.ts': 'a' } });
    return {
      settings: {
        diversion_repo: 'hello',
        diversion_token: token,
        diversion_api_url: fake.url,
        diversion_auth_url: fake.authUrl,
      },
      close: fake.close,
    };
  },
});
