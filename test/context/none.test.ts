import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { none } from '../../src/context/none.ts';
import { contextWith, read } from './reading.ts';
import { builds } from './recorded/none.ts';

const None = suite('context: none');

None('knows nothing and deploys', () => {
  assert.equal(read(none, builds.laptop), contextWith('none', {}));
});

None.run();
