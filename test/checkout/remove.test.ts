import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeTree } from '../../src/checkout/tree/remove.ts';
import { inFolder } from './diversion/ground.ts';

const removing = suite('removing a tree');

removing('removes folders in folders, names that are no text, and nothing behind a link', () =>
  inFolder(async (folder) => {
    const [tree, theirs] = [join(folder, 'tree'), join(folder, 'theirs')];
    mkdirSync(join(tree, 'a/b/c'), { recursive: true });
    mkdirSync(theirs);
    writeFileSync(join(theirs, 'precious'), 'mine');
    symlinkSync(theirs, join(tree, 'a/way'));
    for (const at of Array.from({ length: 300 }, (_, at) => at)) {
      mkdirSync(join(tree, `e${at}`));
      writeFileSync(join(tree, 'a/b', `f${at}`), '');
    }
    const odd = Buffer.concat([Buffer.from(join(tree, 'a/')), Buffer.from([0xe9])]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from('/x')]), '');
    await removeTree(tree);
    assert.not(existsSync(tree));
    assert.ok(existsSync(join(theirs, 'precious')));
  }),
);

removing('has nothing against a folder that is not there', () =>
  inFolder((folder) => removeTree(join(folder, 'none'))),
);

removing.run();
