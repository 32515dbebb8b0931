import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { headerOf } from '../../../../src/targets/convox/archive/header.ts';
import { listByTar, readByGo } from '../../../support/archive/readers.ts';
import { withFolder } from '../../../support/archive/tree.ts';

const heading = suite('archive: headers');
const gibibyte = 2 ** 30;

for (const size of [8 * gibibyte - 1, 8 * gibibyte, 9 * gibibyte, 512 * gibibyte]) {
  heading(`says that a file has ${size} bytes`, () =>
    withFolder((folder) => {
      const file = join(folder, 'large.tar');
      const member = { isFolder: false, mode: 0o644 };
      const first = headerOf({ ...member, name: 'disk.img', size });
      writeFileSync(file, first);
      // What the readers skip need not be there.
      const end = first.length + Math.ceil(size / 512) * 512;
      truncateSync(file, end);
      writeFileSync(file, headerOf({ ...member, name: 'after', size: 0 }), { flag: 'a' });
      truncateSync(file, end + 512 + 1024);
      const sizes = listByTar(['-f', file]).map((line) => line.split(/ +/).slice(2, 3)[0]);
      assert.equal(sizes, [String(size), '0']);
      const byGo = readByGo({ file })?.map((entry) => [entry.name, entry.size]);
      const expected = [
        ['disk.img', size],
        ['after', 0],
      ];
      assert.equal(byGo ?? expected, expected);
    }),
  );
}

heading('counts the digits of a record among its bytes', () => {
  for (const length of [101, 85 + 5, 989, 990, 991, 992, 9_985]) {
    const name = 'n'.repeat(Math.max(length, 101));
    const header = headerOf({ name, isFolder: false, mode: 0, size: 0 });
    const [, stated = '', path = ''] =
      /^(\d+) path=(n+)\n/.exec(header.toString('latin1', 512)) ?? [];
    assert.is(path, name);
    assert.is(Number(stated), `${stated} path=${name}\n`.length);
  }
});

heading.run();
